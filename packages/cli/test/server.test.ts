/** `server`, as a production runs it. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import { openTokens } from "@bullmq-workflows/server";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { startServing } from "./support/api.ts";
import type { ServingCli } from "./support/api.ts";
import { runCli } from "./support/cli.ts";

vi.setConfig({ testTimeout: 120_000 });

let redis: TestRedis;
let redisUrl: string;

beforeAll(async () => {
  redis = await startRedis();
  redisUrl = `redis://127.0.0.1:${redis.port}`;
});

afterAll(async () => await redis.stop());

class Echo extends WorkflowEntrypoint<unknown, string> {
  override async run({ payload }: { readonly payload: string }): Promise<string> {
    return payload;
  }
}

interface Stage {
  readonly engine: WorkflowEngine;
  readonly args: readonly string[];
  readonly serve: (account: string, ...args: readonly string[]) => Promise<ServingCli>;
}

function setUp(namespace = "default"): Stage {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const engine = new WorkflowEngine({ connection: redisUrl, prefix, namespace });
  onTestFinished(async () => await engine.close());
  const args = ["server", "--redis", redisUrl, "--prefix", prefix, "--port", "0"];
  const ready = /Listening on (http:\S+?)(?:\.? |$)/m;
  return {
    engine,
    args,
    serve: async (account, ...more) => await startServing([...args, ...more], { ready, account }),
  };
}

test("it serves this machine while there are no tokens, and says so", async () => {
  const { engine, serve } = setUp();
  engine.register(Echo, { name: "echo" });
  await engine.ready();
  const cli = await serve("default");

  const id = await cli.create("echo", "hello");

  expect((await cli.api(`/echo/instances/${id}`)).status).toBe(200);
  expect(cli.output).toContain("No API tokens are configured");
  expect(await cli.stop()).toMatchObject({ code: 0 });
});

test("it serves the namespaces that are named, and no others", async () => {
  const { engine, serve } = setUp("acme");
  engine.register(Echo, { name: "echo" });
  await engine.ready();
  const acme = await serve("acme", "--namespace", "acme", "--namespace", "shop");

  expect((await acme.api("")).result).toMatchObject([{ name: "echo" }]);
  expect((await fetch(`${acme.url}/client/v4/accounts/shop/workflows`)).status).toBe(200);
  expect((await fetch(`${acme.url}/client/v4/accounts/default/workflows`)).status).toBe(404);
});

test("it listens for others only when there is a token", async () => {
  const { engine, args, serve } = setUp();

  const refused = await runCli([...args, "--host", "0.0.0.0"]);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain("No API tokens are configured");
  expect(refused.output).toContain("tokens create");

  const { token } = await openTokens(engine).create({ name: "test", role: "view" });
  const cli = await serve("default", "--host", "0.0.0.0");
  const path = `${cli.url.replace("0.0.0.0", "127.0.0.1")}/client/v4/accounts/default/workflows`;
  expect((await fetch(path)).status).toBe(401);
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(path, { headers })).status).toBe(200);
});

test("a port that is taken", async () => {
  const { serve, args } = setUp();
  const { port } = new URL((await serve("default")).url);

  const { code, output } = await runCli([...args, "--port", port]);

  expect(code).toBe(1);
  expect(output).toContain(`Cannot listen on port ${port} of 127.0.0.1: EADDRINUSE`);
});

test("a Redis that is not there", async () => {
  const url = "redis://:secret@127.0.0.1:1";
  const { code, output } = await runCli(["server", "--redis", url, "--port", "0"]);

  expect(code).toBe(5);
  expect(output).toMatch(
    /^redis:\/\/:\*\*\*@127\.0\.0\.1:1 cannot be reached: connect ECONNREFUSED \S+\. Is it running\? Say which Redis with --redis or REDIS_URL\.\n$/,
  );
});

test("another base path", async () => {
  const { serve } = setUp();
  const cli = await serve("default", "--base-path", "/api");

  expect((await fetch(`${cli.url}/api/accounts/default/workflows`)).status).toBe(200);
  expect((await fetch(`${cli.url}/client/v4/accounts/default/workflows`)).status).toBe(404);
});

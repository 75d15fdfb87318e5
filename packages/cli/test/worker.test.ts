/** `worker`, as a production runs it. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import type { Workflow } from "bullmq-workflows";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { writeProject } from "../../cloudflare/test/support/write-project.ts";
import { untilMatch } from "./support/api.ts";
import { runCli, startCli } from "./support/cli.ts";
import type { RunningCli } from "./support/cli.ts";

vi.setConfig({ testTimeout: 120_000 });

let redis: TestRedis;
let redisUrl: string;

beforeAll(async () => {
  redis = await startRedis();
  redisUrl = `redis://127.0.0.1:${redis.port}`;
});

afterAll(async () => await redis.stop());

const MODULE = `
  import { appendFileSync } from "node:fs";
  import { WorkflowEntrypoint } from "bullmq-workflows";
  const write = (line: string) => appendFileSync(new URL("lines.txt", import.meta.url), line + "\\n");
  class Task extends WorkflowEntrypoint<unknown, number> {
    async run(event: { payload: number }, step: any) {
      return await step.do("task", async ({ signal }: any) => {
        write("began");
        await new Promise((resolve) => setTimeout(resolve, event.payload));
        write("ended");
        return event.payload * 2;
      });
    }
  }
  export function register(engine: any) {
    engine.register(Task, { name: "tasks" });
    return () => write("cleaned up");
  }
`;

interface Stage {
  readonly directory: string;
  readonly tasks: Workflow<number>;
  readonly start: (...args: readonly string[]) => RunningCli;
  readonly lines: () => Promise<string[]>;
}

async function setUp(env: NodeJS.ProcessEnv = {}): Promise<Stage> {
  const directory = await writeProject({ "package.json": { type: "module" }, "tasks.ts": MODULE });
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const engine = new WorkflowEngine({ connection: redisUrl, prefix, mode: "client" });
  onTestFinished(async () => await engine.close());
  class Task extends WorkflowEntrypoint<unknown, number> {
    override async run(): Promise<number> {
      throw new Error("Runs elsewhere");
    }
  }
  const entry = join(directory, "tasks.ts");
  return {
    directory,
    tasks: engine.register(Task, { name: "tasks" }),
    start: (...args) =>
      startCli(["worker", entry, "--redis", redisUrl, "--prefix", prefix, ...args], env),
    lines: async () => {
      const text = await readFile(join(directory, "lines.txt"), "utf8").catch(() => "");
      return text.split("\n").filter((line) => line !== "");
    },
  };
}

const isReady = /the worker takes (instances)/;

test("it runs what its module registers; with SIGTERM its steps end, and others go on", async () => {
  const { tasks, start, lines } = await setUp();
  const cli = start();
  await untilMatch(cli, isReady);
  expect(await (await tasks.create({ params: 1 })).result()).toBe(2);
  const slow = await tasks.create({ params: 700 });
  await eventually(async () => expect(await lines()).toHaveLength(3));

  cli.process.kill("SIGTERM");

  expect(await cli.ended).toMatchObject({ code: 0 });
  expect(await lines()).toEqual(["began", "ended", "began", "ended", "cleaned up"]);
  expect(cli.output).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info {2}the worker has ended$/m);
  const other = start();
  expect(await slow.result()).toBe(1_400);
  expect(await lines()).toHaveLength(5);
  other.process.kill("SIGTERM");
  await other.ended;
});

test("steps that take longer than the grace are dropped, and run again elsewhere", async () => {
  const { tasks, start, lines } = await setUp();
  const cli = start("--grace", "200ms");
  await untilMatch(cli, isReady);
  await tasks.create({ params: 60_000 });
  await eventually(async () => expect(await lines()).toEqual(["began"]));

  cli.process.kill("SIGTERM");

  expect(await cli.ended).toMatchObject({ code: 0 });
  expect(cli.output).toContain("steps did not end in time");
  expect(await lines()).toEqual(["began", "cleaned up"]);
});

test("its logs are lines of JSON where they are asked for", async () => {
  const { start } = await setUp();
  const cli = start("--log", "json", "--log-level", "debug");
  await untilMatch(cli, isReady);
  cli.process.kill("SIGINT");
  const { output } = await cli.ended;

  const entries = output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const entry of entries) {
    expect(entry).toMatchObject({
      time: expect.stringMatching(/^\d{4}-/),
      level: expect.stringMatching(/^(debug|info|warn|error)$/),
      message: expect.any(String),
    });
  }
  const ready = entries.find(({ message }) => message === "the worker takes instances");
  expect(ready).toMatchObject({ workflows: ["tasks"] });
});

test("its health endpoints tell whether it lives and whether it takes work", async () => {
  const { tasks, start, lines } = await setUp();
  const cli = start("--health-port", "0");
  const url = await untilMatch(cli, /the health endpoints answer url=(\S+)/);
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}${path}`);
    return { code: response.status, ...((await response.json()) as object) };
  };
  expect(await ask("/healthz")).toEqual({ code: 200, status: "ok" });
  await eventually(async () =>
    expect(await ask("/readyz")).toEqual({ code: 200, status: "ready" }),
  );
  expect(await ask("/metrics")).toMatchObject({ code: 404 });

  await tasks.create({ params: 700 });
  await eventually(async () => expect(await lines()).toEqual(["began"]));
  cli.process.kill("SIGTERM");
  await eventually(async () => {
    expect(await ask("/readyz")).toEqual({ code: 503, status: "stopping" });
  });
  expect(await ask("/healthz")).toEqual({ code: 200, status: "ok" });
  expect(await cli.ended).toMatchObject({ code: 0 });
});

test("while Redis is away it lives, is not ready, and can be ended", async () => {
  const server = createServer((socket) => void socket.destroy()).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { directory } = await setUp();
  const entry = join(directory, "tasks.ts");
  const redis = `redis://:secret@127.0.0.1:${port}`;
  const args = ["worker", entry, "--redis", redis, "--health-port", "0"];
  const cli = startCli(args);
  const url = await untilMatch(cli, /the health endpoints answer url=(\S+)/);

  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  await untilMatch(cli, /(a Redis connection had an error error=\S)/);
  await untilMatch(cli, /(nothing runs before Redis answers redis=\S+:\*\*\*@127)/);
  cli.process.kill("SIGTERM");
  expect(await cli.ended).toMatchObject({ code: 0 });
});

test("below the minimum grade it does not start", async () => {
  const { start } = await setUp();

  const { code, output } = await start("--minimum", "A").ended;

  expect(code).toBe(1);
  expect(output).toContain("(durability.too_low)");
});

test.each([
  ["no Redis", ["worker", "x.ts"], 2, "Say which Redis to use: `--redis redis://host:6379`"],
  [
    "a Redis that is none",
    ["worker", "x.ts", "--redis", "localhost:6379"],
    2,
    "Expected --redis to be such as redis://localhost:6379",
  ],
  ["no entry", ["worker"], 2, "Expected <entry>"],
  [
    "an entry that is not there",
    ["worker", "/no.ts", "--redis", "redis://x"],
    1,
    "There is no /no.ts",
  ],
  ["a grace that is none", ["worker", "x.ts", "--grace", "soon"], 2, "500ms, 30s or 5m"],
])("%s", async (_, args, exitCode, text) => {
  const { code, output } = await runCli(args);

  expect({ code, output }).toEqual({ code: exitCode, output: expect.stringContaining(text) });
});

/** The server inside of other programs: each is started for real, and called over HTTP. */
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import Cloudflare from "cloudflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import type { WorkflowStep } from "bullmq-workflows";
import { openTokens } from "@bullmq-workflows/server";
import { startRedis } from "../../packages/bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../packages/bullmq-workflows/test/support/redis.ts";
import { buildNext, startMount, startNext } from "./support/mount.ts";
import type { Mount } from "./support/mount.ts";

interface Case {
  readonly name: string;
  readonly file: string;
  /** Whether the host tells where a call comes from. */
  readonly knowsPeers: boolean;
  /** Whether the host parses bodies ahead of the server, and refuses bad ones itself. */
  readonly parsesBodies: boolean;
  readonly start: (env: Readonly<Record<string, string>>) => Promise<Mount>;
}

const onNode = (name: string, file: string, parsesBodies = false): Case => ({
  name,
  file,
  knowsPeers: true,
  parsesBodies,
  start: async (env) => await startMount(file, env),
});

const CASES: readonly Case[] = [
  onNode("Express", "express"),
  onNode("Express behind parsers", "express-after-parsers", true),
  onNode("Nest", "nest"),
  onNode("Fastify", "fastify"),
  onNode("Hono", "hono"),
  {
    name: "Next",
    file: "next/app/client/v4/[...path]/route.js",
    knowsPeers: false,
    parsesBodies: false,
    start: async (env) => {
      await buildNext();
      return await startNext(env);
    },
  },
];

class Greeter extends WorkflowEntrypoint<unknown, { readonly name?: string }> {
  override async run(event: { readonly payload: { readonly name?: string } }) {
    return `Hello ${event.payload.name}`;
  }
}

class Waiter extends WorkflowEntrypoint {
  override async run(_: unknown, step: WorkflowStep) {
    await step.waitForEvent("first", { type: "go" });
    await step.waitForEvent("never", { type: "stop" });
  }
}

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

describe.each(CASES)("$name", ({ file, knowsPeers, parsesBodies, start }) => {
  const prefix = `mount-${file.replaceAll(/\W/g, "-")}`;
  let engine: WorkflowEngine;
  let mount: Mount;
  let token = "";

  beforeAll(async () => {
    const connection = `redis://127.0.0.1:${redis.port}`;
    engine = new WorkflowEngine({ connection, prefix });
    engine.register(Greeter, { name: "greeter" });
    await engine.ready();
    mount = await start({ REDIS_URL: connection, REDIS_PREFIX: prefix });
  });

  afterAll(async () => {
    await engine.close({ force: true });
    await mount.stop();
  });

  const base = (): string => `${mount.url}/client/v4/accounts/default`;

  const call = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    const response = await fetch(`${base()}${path}`, { ...init, headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  };

  const post = async (body: string | Uint8Array<ArrayBuffer>, type = "application/json") =>
    await call("/workflows/greeter/instances", {
      method: "POST",
      body,
      headers: { "content-type": type },
    });

  test("without tokens, this machine is served if the host says where calls come from", async () => {
    const direct = await fetch(`${base()}/workflows`);
    const proxied = await fetch(`${base()}/workflows`, {
      headers: { "x-forwarded-for": "127.0.0.1" },
    });

    expect(direct.status).toBe(knowsPeers ? 200 : 401);
    expect(proxied.status).toBe(401);
    expect(await proxied.json()).toMatchObject({ errors: [{ code: 10_000 }] });
  });

  test("with a token, Cloudflare's SDK works", async () => {
    ({ token } = await openTokens(engine).create({ name: "test", role: "admin" }));
    const sdk = new Cloudflare({
      apiToken: token,
      baseURL: `${mount.url}/client/v4`,
      maxRetries: 0,
    });
    const account_id = "default";
    const params = '{"name":"Ann Ümläut 🎈"}';

    const { instances } = sdk.workflows;
    await instances.create("greeter", { account_id, instance_id: "a", params });
    const listed = [];
    for await (const each of sdk.workflows.list({ account_id })) listed.push(each.name);

    expect(listed).toEqual(["greeter"]);
    await expect
      .poll(async () => await instances.get("a", { account_id, workflow_name: "greeter" }))
      .toMatchObject({ status: "complete", output: '"Hello Ann Ümläut 🎈"' });
    await expect(sdk.workflows.get("none", { account_id })).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10_200 }],
    });
  });

  test("bodies arrive whole, or are refused in Cloudflare's form", async () => {
    expect((await post("{}")).status).toBe(200);
    expect((await post(JSON.stringify({ params: "x".repeat(50_000) }))).status).toBe(200);
    const bad = await post("{");
    expect(bad.status).toBe(400);
    const huge = await post(JSON.stringify({ params: "x".repeat(3_000_000) }));
    expect(huge.status).toBe(413);
    if (parsesBodies) return;
    expect(bad.text).toContain("workflows.api.error.body");
    expect(huge.text).toContain("workflows.api.error.body");
    // As wrangler sends it, which says nothing of JSON.
    expect((await post('{"params":[1]}', "text/plain;charset=UTF-8")).status).toBe(200);
    expect((await post('{"params":[1]}', "application/octet-stream")).status).toBe(200);
  });

  test("paths arrive as they were sent: with a slash at the end, encoded, and unknown ones", async () => {
    expect((await call("/workflows/greeter/instances/")).status).toBe(200);
    expect((await call("/workflows/greeter/instances?per_page=1")).text).toContain('"per_page":1');
    expect((await call("/workflows/greeter/instances/a%2Fb%20c")).text).toContain("10400");
    expect(await call("/nowhere")).toMatchObject({
      status: 404,
      text: expect.stringContaining("7003"),
    });
    expect((await call("/workflows", { method: "PATCH" })).status).toBe(405);
  });

  test("answers have the server's headers", async () => {
    const { headers } = await call("/workflows");

    expect(headers.get("content-type")).toContain("application/json");
    expect(headers.get("cache-control")).toContain("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("what is told as it happens arrives as it happens, and ends when its reader goes", async () => {
    const waiter = engine.register(Waiter, { name: "waiter" });
    const instance = await waiter.create({ id: "w" });
    const goes = new AbortController();
    const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
    const path = "/workflows/waiter/instances/w/subscribe";
    const response = await fetch(`${base()}${path}`, { headers, signal: goes.signal });
    const events = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const read = async (text: string): Promise<void> => {
      for (let heard = ""; !heard.includes(text);) {
        const { done, value } = await events.read();
        expect(done).toBe(false);
        heard += value;
      }
    };

    expect(response.headers.get("content-type")).toContain("text/event-stream");
    await read("wait_started");
    await instance.sendEvent({ type: "go", payload: 1 });
    await read("wait_completed");
    goes.abort();
    await events.closed.catch(() => {});

    expect((await call("/workflows/waiter")).status).toBe(200);
  });

  test("a client that goes away in the middle of its request harms nobody", async () => {
    for (let n = 0; n < 5; n++) await sendHalf(`${base()}/workflows/greeter/instances`, token);

    expect((await call("/workflows/greeter")).status).toBe(200);
    expect((await post("{}")).status).toBe(200);
  });

  test("the host's own pages stay its own", async () => {
    const page = await fetch(mount.url);
    const echo = await fetch(`${mount.url}/echo`, {
      method: "POST",
      body: '{"n":1}',
      headers: { "content-type": "application/json" },
    });

    expect(await page.text()).toBe("the host's own page");
    expect(await echo.json()).toEqual({ n: 1 });
  });

  test("docs/mounting.md shows the lines that are in the file", () => {
    const source = readFileSync(
      new URL(`../mounts/${file}`, import.meta.url).pathname + (file.endsWith(".js") ? "" : ".ts"),
      "utf8",
    );
    const page = readFileSync(new URL("../../docs/mounting.md", import.meta.url), "utf8");
    const blocks = [...page.matchAll(/^```ts ignore\n([\s\S]*?)^```$/gm)].map(([, block = ""]) =>
      block.split("\n").filter((line) => line !== "" && !line.startsWith("import ")),
    );

    expect(blocks.some((lines) => lines.every((line) => source.includes(line)))).toBe(true);
  });
});

/** Says that there is more to come, and goes. */
async function sendHalf(url: string, token: string): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    "content-length": "1000",
  };
  const request = httpRequest(url, { method: "POST", headers });
  const closed = new Promise<void>((resolve) => void request.once("close", resolve));
  request.on("error", () => {});
  request.write('{"params":');
  await new Promise<void>(
    (resolve) =>
      void request.once("socket", (socket) => {
        if (socket.connecting) socket.once("connect", resolve);
        else resolve();
      }),
  );
  request.destroy();
  await closed;
}

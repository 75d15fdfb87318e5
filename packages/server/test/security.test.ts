/** What a server must withstand: too much, too deep, too slow, and what is not what it seems. */
import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { listen } from "../src/node.ts";
import { json, setStage, workflowOf } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

async function setup(bodyLimit = 10_000) {
  const stage = await setStage(redis, { bodyLimit });
  const workflow = stage.engine.register(
    workflowOf(async (_, { payload }) => payload),
    { name: "w" },
  );
  await stage.engine.ready();
  return { ...stage, workflow };
}

const INSTANCES = "/workflows/w/instances";

test("a body that is too large is refused, whether or not it says so", async () => {
  const { call, workflow } = await setup();
  const large = JSON.stringify({ params: "x".repeat(20_000) });
  const stream = new ReadableStream({
    start(controller) {
      for (let n = 0; n < 20; n++) controller.enqueue(new TextEncoder().encode("x".repeat(1_000)));
      controller.close();
    },
  });

  for (const body of [large, stream]) {
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    const refused = await call(INSTANCES, init);
    expect(refused).toMatchObject({ status: 413, body: { errors: [{ code: 10_002 }] } });
  }
  expect(await workflow.list({ limit: 1 })).toEqual({ ids: [] });
});

test("JSON that is deeper than any reader's stack is refused, and the server goes on", async () => {
  const { call } = await setup(2_000_000);
  const deep = (depth: number) => `{"params":${"[".repeat(depth)}${"]".repeat(depth)}}`;

  for (const depth of [1_100, 10_000, 900_000]) {
    const { status } = await call(INSTANCES, { method: "POST", body: deep(depth) });
    expect({ depth, status }).toEqual({ depth, status: 400 });
  }
  expect((await call(INSTANCES, { method: "POST", body: deep(100) })).status).toBe(200);
});

test("a body that is no JSON, no UTF-8, or of another form is refused as such", async () => {
  const { call } = await setup();
  const bodies = [
    "{",
    "undefined",
    '{"params":1',
    new Uint8Array([0xff, 0xfe, 0x7b]),
    "[]",
    "1",
    "null",
  ];

  for (const body of bodies) {
    const refused = await call(INSTANCES, { method: "POST", body });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 10_002 }] } });
  }
});

test("keys that mean something to JavaScript are data", async () => {
  const { call, workflow } = await setup();
  const params = '{"__proto__":{"isAdmin":true},"constructor":1}';
  const body = `{"instance_id":"a","__proto__":{"params":1},"params":${params}}`;

  expect((await call(INSTANCES, { method: "POST", body })).status).toBe(200);

  const output = await (await workflow.get("a")).result();
  expect(JSON.stringify(output)).toBe(params);
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

test("ids and names that look like paths, keys or headers lead nowhere", async () => {
  const { call, url } = await setup();
  const tricks = [
    "../../acme",
    "..%2f..",
    "a\r\nx-injected: 1",
    "}:0",
    "*",
    "\u0000",
    "__proto__",
    "%zz",
  ];

  for (const trick of tricks) {
    for (const path of [
      `${INSTANCES}/${encodeURIComponent(trick)}`,
      `/workflows/${encodeURIComponent(trick)}`,
      `/workflows/${encodeURIComponent(trick)}/instances`,
    ]) {
      const { status, headers } = await call(path);
      expect({ path, status }).toEqual({ path, status: 404 });
      expect(headers.has("x-injected")).toBe(false);
    }
  }
  const raw = await rawCall(url, "GET /client/v4/accounts/default/../../../etc/passwd HTTP/1.1");
  expect(raw).toMatch(/^HTTP\/1\.1 40/);
  expect(await rawCall(url, "GET /client/v4/accounts/%zz/workflows HTTP/1.1")).toMatch(
    /^HTTP\/1\.1 40/,
  );
});

test("no answer is for a browser to keep, frame or guess the type of", async () => {
  const { call } = await setup();

  for (const path of ["/workflows", "/workflows/none", "/nothing"]) {
    const { headers } = await call(path);
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    expect(headers.has("access-control-allow-origin")).toBe(false);
    expect(headers.has("x-powered-by")).toBe(false);
  }
});

test("a client that takes for ever to send its request is cut off", async () => {
  const { server } = await setup();
  const listener = await listen(server, { port: 0, requestTimeout: 200 });
  onTestFinished(async () => await listener.close({ graceMs: 0 }));
  const socket = connect(Number(new URL(listener.url).port), "127.0.0.1");
  const heard: string[] = [];
  socket.on("data", (chunk) => void heard.push(String(chunk)));
  socket.write(
    "POST /client/v4/accounts/default/workflows/w/instances HTTP/1.1\r\nHost: localhost\r\n",
  );

  await once(socket, "close");

  expect(heard.join("")).toContain("408");
});

test("what went wrong inside is not told outside", async () => {
  const logged: unknown[] = [];
  const stage = await setStage(redis, { logger: (...entry) => void logged.push(entry) });
  const client = redis.connect();
  await client.hset(`{${stage.prefix}}:workflows`, "w", "1 1 id v {broken");

  const { status, body } = await stage.call("/workflows/w");

  expect(status).toBe(500);
  expect(body.errors).toEqual([{ code: 10_001, message: "workflows.api.error.internal_server" }]);
  expect(logged).toHaveLength(1);
});

test("what fails in the background is not told as a call that failed", async () => {
  const stage = await setStage(redis);
  await redis.connect().set(`{${stage.prefix}}:jobs`, "no hash");
  const logged: string[] = [];

  await stage.startServer({ logger: (_, message) => void logged.push(message) });

  await eventually(() => expect(logged).toEqual(["background work of the REST API failed"]));
});

test("a call that cannot be written down is not carried out", async () => {
  const stage = await setup();
  const client = redis.connect();
  await client.set(`{${stage.prefix}}:audit`, "no stream");

  const { status } = await stage.call(INSTANCES, json("POST", { instance_id: "a" }));

  expect(status).toBe(500);
  expect(await stage.workflow.list({ limit: 1 })).toEqual({ ids: [] });
});

async function rawCall(url: string, line: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk) => (heard += String(chunk)));
  socket.write(`${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await once(socket, "close");
  return heard;
}

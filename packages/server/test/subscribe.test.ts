/** What happens to an instance, heard over HTTP. */
import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { ServerOptions } from "../src/index.ts";
import { listenTo, typesOf } from "./support/live-reader.ts";
import { ACCOUNT, setStage, workflowOf } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const Waiter = workflowOf(async (step) => {
  await step.do("greet", async () => "hello");
  await step.do("secret", { sensitive: "output" }, async () => "hidden");
  return await step.waitForEvent("go", { type: "go" });
});

async function setup(options: Partial<ServerOptions> = {}) {
  const stage = await setStage(redis, options);
  const waiter = stage.engine.register(Waiter, { name: "w" });
  await stage.engine.ready();
  const pathOf = (id: string, query = "") =>
    `${stage.url}/client/v4/accounts/${ACCOUNT}/workflows/w/instances/${id}/subscribe${query}`;
  return { ...stage, waiter, pathOf };
}

const isWaiting = ({ event }: { readonly event?: string }): boolean => event === "workflow_waiting";

test("a subscriber hears what is on record, then what comes, and that it has ended", async () => {
  const { waiter, pathOf } = await setup();
  const instance = await waiter.create({ id: "a", params: { n: 1n } });

  const reader = await listenTo(pathOf("a"));
  const before = await reader.until(isWaiting);
  await instance.sendEvent({ type: "go", payload: { at: 1 } });
  const after = await reader.rest();

  expect(reader.status).toBe(200);
  expect(Object.fromEntries(reader.headers)).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  const all = [...before, ...after];
  expect(typesOf(all).slice(0, 5)).toEqual([
    "workflow_queued",
    "workflow_started",
    "workflow_running",
    "step_started",
    "attempt_started",
  ]);
  expect(typesOf(all).slice(-2)).toEqual(["workflow_completed", "end"]);
  expect(all.at(-1)).toEqual({ event: "end", data: { type: "end", reason: "finished" } });
  expect(before.map(({ id }) => Number(id))).toEqual(before.map((_, index) => index + 1));
  const { id, event, data } = before[1] ?? {};
  expect({ id, event, data }).toEqual({
    id: "2",
    event: "workflow_started",
    data: {
      instanceId: "a",
      eventId: 2,
      timestamp: expect.any(Number),
      type: "workflow_started",
      params: { n: "[BigInt(1)]" },
    },
  });
  const outputs = all.filter(({ event }) => event === "step_completed");
  expect(outputs.map(({ data }) => data?.["output"])).toEqual(["hello", "[REDACTED]"]);
});

test("lines of JSON are told to who accepts them", async () => {
  const { waiter, pathOf } = await setup();
  const instance = await waiter.create({ id: "a" });
  await instance.terminate();

  const reader = await listenTo(pathOf("a"), { accept: "application/x-ndjson" });

  expect(reader.headers.get("content-type")).toBe("application/x-ndjson");
  const heard = await reader.rest();
  expect(typesOf(heard).slice(-2)).toEqual(["workflow_terminated", "end"]);
  expect(heard[0]?.data).toMatchObject({ instanceId: "a", eventId: 1 });
});

test.each([
  "?filter=workflow_queued,workflow_waiting",
  "?filter=workflow_queued&filter=workflow_waiting",
])("a filter leaves the rest out: %s", async (query) => {
  const { waiter, pathOf } = await setup();
  const instance = await waiter.create({ id: "a" });
  const reader = await listenTo(pathOf("a", query));
  await reader.until(isWaiting);

  await instance.terminate();

  expect(await reader.rest()).toEqual([
    { event: "end", data: { type: "end", reason: "finished" } },
  ]);
});

test("who comes back goes on after the last event that he heard, whatever his address says", async () => {
  const { waiter, pathOf } = await setup();
  await waiter.create({ id: "a" });
  const heard = await (await listenTo(pathOf("a"))).until(isWaiting);

  const byCursor = await listenTo(pathOf("a", "?cursor=3"));
  const back = await listenTo(pathOf("a", "?cursor=3"), { "last-event-id": "5" });

  expect(await byCursor.until(isWaiting)).toEqual(heard.slice(3));
  expect(await back.until(isWaiting)).toEqual(heard.slice(5));
});

test("who comes back to what has ended is told not to come again", async () => {
  const { waiter, pathOf } = await setup();
  const instance = await waiter.create({ id: "a" });
  await instance.terminate();
  const heard = await (await listenTo(pathOf("a"))).rest();
  const lastId = String(heard.at(-2)?.id);

  const back = await listenTo(pathOf("a"), { "last-event-id": lastId });

  expect(back.status).toBe(204);
});

test.each([
  ["a", "?cursor=-1", 400, 10_002],
  ["a", "?cursor=x", 400, 10_002],
  ["a", "?filter=nothing", 400, 10_002],
  ["none", "", 404, 10_400],
])("an instance %s with %s is refused before anything is told", async (id, query, status, code) => {
  const { waiter, pathOf, server } = await setup();
  await waiter.create({ id: "a" });

  const response = await fetch(pathOf(id, query));

  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ success: false, errors: [{ code }] });
  expect(server.openSubscriptions()).toBe(0);
});

test("a last event that is none is refused", async () => {
  const { waiter, pathOf } = await setup();
  await waiter.create({ id: "a" });

  const response = await fetch(pathOf("a"), { headers: { "last-event-id": "x" } });

  expect(response.status).toBe(400);
});

test("something is sent while there is nothing to tell", async () => {
  const { waiter, pathOf } = await setup({ subscriptions: { heartbeat: 20 } });
  await waiter.create({ id: "a" });
  const events = await listenTo(pathOf("a"));
  const lines = await listenTo(pathOf("a"), { accept: "application/x-ndjson" });
  await events.until(isWaiting);
  await lines.until(({ data }) => data?.["type"] === "workflow_waiting");

  expect(await events.text()).toBe(": still here\n\n");
  expect(await lines.text()).toBe("\n");
});

test("who leaves is forgotten at once", async () => {
  const { waiter, pathOf, server } = await setup();
  await waiter.create({ id: "a" });
  const reader = await listenTo(pathOf("a"));
  await reader.until(isWaiting);
  expect(server.openSubscriptions()).toBe(1);

  reader.leave();

  await eventually(async () => expect(server.openSubscriptions()).toBe(0));
});

test("a request for the head alone opens nothing", async () => {
  const { waiter, pathOf, server } = await setup();
  await waiter.create({ id: "a" });

  const response = await fetch(pathOf("a"), { method: "HEAD" });

  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(server.openSubscriptions()).toBe(0);
});

test("a server that closes ends what is open, and its listener does not wait for it", async () => {
  const { waiter, startServer } = await setup();
  const { server, url, listener } = await startServer();
  await waiter.create({ id: "a" });
  const path = `/client/v4/accounts/${ACCOUNT}/workflows/w/instances/a/subscribe`;
  const reader = await listenTo(`${url}${path}`);
  await reader.until(isWaiting);

  await listener.close({ graceMs: 60_000 });

  expect(await reader.rest()).toEqual([{ event: "end", data: { type: "end", reason: "closing" } }]);
  expect(server.openSubscriptions()).toBe(0);
});

test("a reader who takes nothing is cut off, and keeps no more than a piece here until then", async () => {
  const stallTimeout = 300;
  const { engine, url, server } = await setup({ subscriptions: { stallTimeout } });
  const talker = engine.register(
    workflowOf(async (step) => {
      for (let n = 0; n < 60; n++) await step.do("say", async () => "x".repeat(900_000));
    }),
    { name: "talker" },
  );
  await (await talker.create({ id: "a" })).result();
  const path = `/client/v4/accounts/${ACCOUNT}/workflows/talker/instances/a/subscribe`;
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.pause();
  const closed = once(socket, "close");
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await eventually(async () => expect(server.openSubscriptions()).toBe(1));

  await eventually(async () => expect(server.openSubscriptions()).toBe(0));

  socket.resume();
  socket.on("error", () => undefined);
  await closed;
  // What the two systems on the way have buffered; the whole is more than 50 MB.
  expect(socket.bytesRead).toBeLessThan(20_000_000);
});

test("a token that is revoked ends what it has opened", async () => {
  const { waiter, pathOf, server } = await setup({ subscriptions: { recheckInterval: 20 } });
  await waiter.create({ id: "a" });
  const { token, info } = await server.tokens.create({ name: "a", role: "view" });
  const { token: other } = await server.tokens.create({ name: "b", role: "view" });
  const reader = await listenTo(pathOf("a"), { authorization: `Bearer ${token}` });
  const others = await listenTo(pathOf("a"), { authorization: `Bearer ${other}` });
  await reader.until(isWaiting);

  await server.tokens.revoke(info.id);

  expect(await reader.rest()).toEqual([
    { event: "end", data: { type: "end", reason: "unauthorized" } },
  ]);
  await others.until(isWaiting);
  expect(server.openSubscriptions()).toBe(1);
});

test("whom the host does not know any more hears no more", async () => {
  let mayRead = true;
  const { waiter, pathOf } = await setup({
    subscriptions: { recheckInterval: 20 },
    authenticate: () =>
      mayRead ? { name: "me", role: "view", namespaces: "all", workflows: "all" } : undefined,
  });
  await waiter.create({ id: "a" });
  const reader = await listenTo(pathOf("a"));
  await reader.until(isWaiting);

  mayRead = false;

  expect(typesOf(await reader.rest())).toEqual(["end"]);
});

test("nobody opens more than he may, and all together no more than there may be", async () => {
  const { waiter, pathOf, server } = await setup({
    subscriptions: { limit: 3, limitPerPrincipal: 2 },
  });
  await waiter.create({ id: "a" });
  const tokens = await Promise.all(
    ["a", "b"].map(async (name) => (await server.tokens.create({ name, role: "view" })).token),
  );
  const [mine = {}, yours = {}] = tokens.map((token) => ({ authorization: `Bearer ${token}` }));
  const first = await listenTo(pathOf("a"), mine);
  await listenTo(pathOf("a"), mine);

  const tooMany = await fetch(pathOf("a"), { headers: mine });
  await listenTo(pathOf("a"), yours);
  const full = await fetch(pathOf("a"), { headers: yours });

  expect(tooMany.status).toBe(429);
  expect(await tooMany.json()).toMatchObject({
    errors: [{ message: expect.stringContaining("you have 2 subscriptions open") }],
  });
  expect(full.status).toBe(503);
  expect(await full.json()).toMatchObject({
    errors: [{ message: expect.stringContaining("3 subscriptions are open") }],
  });
  first.leave();
  await eventually(async () => expect(server.openSubscriptions()).toBe(2));
  expect((await listenTo(pathOf("a"), mine)).status).toBe(200);
});

test("an instance that is deleted, or has begun again, is told of as by the library", async () => {
  const { waiter, pathOf } = await setup();
  const instance = await waiter.create({ id: "a" });
  const reader = await listenTo(pathOf("a"));
  await reader.until(isWaiting);

  await instance.restart();
  const again = await reader.until(isWaiting);
  await instance.delete();

  expect(typesOf(again)[0]).toBe("workflow_queued");
  expect(typesOf(await reader.rest())).toEqual(["end"]);
});

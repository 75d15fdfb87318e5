/** What is to be told waits for a server, goes from one to the next, and is not lost without a word. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { WebhookOptions } from "../src/index.ts";
import { Echo } from "./support/webhook-stage.ts";
import { create, LOCAL, receive, setWebhookStage } from "./support/webhook-stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const setup = async (webhooks: WebhookOptions = LOCAL) => await setWebhookStage(redis, webhooks);

test("what ends while no server is there is told when one is", async () => {
  const stage = await setup({ ...LOCAL, deliver: false });
  const { echo, engine, receiver, server, startServer } = stage;
  await create(stage, { url: receiver.url });
  await server.close();
  await (await echo.create({ id: "a", params: 1 })).result();
  const late = engine.register(Echo, { name: "late" });
  await engine.ready();
  await (await late.create({ id: "b", params: 2 })).result();

  await startServer({ webhooks: LOCAL });

  const told = await receive(receiver, 2);
  const ids = told.map(
    (message) => (message as unknown as { data: { instance_id: string } }).data.instance_id,
  );
  expect(ids.toSorted()).toEqual(["a", "b"]);
});

test("what a workflow had to tell when it was deleted is told, as far as it is known", async () => {
  const stage = await setup({ ...LOCAL, deliver: false });
  const { call, echo, receiver, startServer } = stage;
  await create(stage, { url: receiver.url });
  for (const [id, params] of [
    ["good", 1],
    ["bad", "fail"],
  ] as const) {
    await (await echo.create({ id, params })).result().catch(() => undefined);
  }
  await call("/workflows/echo", { method: "DELETE" });
  await stage.server.settled();

  await startServer({ webhooks: LOCAL });

  const told = await receive(receiver, 2);
  const byId = told.map((message) => (message as unknown as { data: object }).data);
  const common = { account_id: "default", workflow_name: "echo", timestamp: expect.any(String) };
  expect(byId).toHaveLength(2);
  expect(byId).toContainEqual({
    ...common,
    instance_id: "good",
    status: "complete",
    output_omitted: true,
  });
  expect(byId).toContainEqual({
    ...common,
    instance_id: "bad",
    status: "errored",
    error_omitted: true,
  });
});

test("what an outbox that was full has dropped is said, and no more than once", async () => {
  const stage = await setup();
  const { startServer } = stage;
  await create(stage, { url: stage.receiver.url });
  const lost = `{${stage.prefix}:echo:0}:settings`;
  await redis.connect().hset(lost, "outboxLost", "7 1700000000000");
  const lines: unknown[][] = [];

  await startServer({ logger: (...line) => void lines.push(line) });

  await eventually(async () => expect(lines).toHaveLength(1));
  await redis.connect().hset(lost, "outboxLost", "9 1700000000001");
  await eventually(async () => expect(lines).toHaveLength(2));
  const text = "an outbox was full, webhooks are not told of its oldest changes";
  const facts = { namespace: "default", workflow: "echo" };
  expect(lines).toEqual([
    ["error", text, { ...facts, dropped: 7 }],
    ["error", text, { ...facts, dropped: 2 }],
  ]);
});

test("an end of which nothing can be made keeps no other from being told", async () => {
  const stage = await setup({ ...LOCAL, deliver: false });
  const { echo, engine, prefix, receiver, startServer } = stage;
  await create(stage, { url: receiver.url });
  const late = engine.register(Echo, { name: "late" });
  await engine.ready();
  for (const id of ["broken", "sound"]) await (await echo.create({ id, params: 1 })).result();
  await (await late.create({ id: "other", params: 2 })).result();
  await redis.connect().lset(`{${prefix}:echo:0}:h:broken`, -1, "no value");
  const errors: unknown[] = [];

  await startServer({ webhooks: LOCAL, logger: (...line) => void errors.push(line) });

  const told = await receive(receiver, 2);
  const ids = told.map(
    (message) => (message as unknown as { data: { instance_id: string } }).data.instance_id,
  );
  expect(ids.toSorted()).toEqual(["other", "sound"]);
  expect(errors).toHaveLength(1);
});

test("two servers tell each end once", async () => {
  const stage = await setup();
  const { echo, receiver, startServer } = stage;
  await create(stage, { url: receiver.url });
  await startServer();

  const instances = await echo.createBatch({
    instances: Array.from({ length: 30 }, (_, index) => ({ id: `i-${index}` })),
  });
  await receive(receiver, 30);

  const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
  expect(instances).toBeDefined();
  expect(new Set(ids).size).toBe(30);
  expect(ids).toHaveLength(30);
});

test("a server that closes does not wait for a receiver that says nothing: another one tells him", async () => {
  const stage = await setup();
  const { echo, receiver, server, startServer } = stage;
  await create(stage, { url: receiver.url });
  receiver.answer = { status: 200, isSilent: true };
  await echo.create({ id: "a" });
  await receive(receiver, 1);

  const startedAt = performance.now();
  await server.close();
  const tookMs = performance.now() - startedAt;
  receiver.answer = { status: 200 };
  const next = await startServer();

  // A receiver may take 15 seconds.
  expect(tookMs).toBeLessThan(7_500);
  await receive(receiver, 2);
  const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
  expect(new Set(ids).size).toBe(1);
  const [webhook] = (await stage.call("/webhooks")).body.result as unknown as { id: string }[];
  const path = `${next.url}/client/v4/accounts/default/webhooks/${webhook?.id}/deliveries`;
  // Being interrupted is no attempt, and does not count against the receiver.
  await eventually(async () => {
    const { result } = (await (await fetch(path)).json()) as { result: object[] };
    expect(result).toMatchObject([{ attempt: 1, outcome: "delivered" }]);
  });
});

test("a receiver that is about to answer is waited for by a server that closes", async () => {
  const stage = await setup();
  const { echo, receiver, server } = stage;
  await create(stage, { url: receiver.url });
  receiver.answer = { status: 200, afterMs: 100 };
  await echo.create({ id: "a" });
  await receive(receiver, 1);

  await server.close();
  await stage.startServer();

  await receive(receiver, 1);
  await (await echo.create({ id: "b" })).result();
  await receive(receiver, 2);
  expect(receiver.received.map(({ body }) => body)).toEqual([
    expect.stringContaining('"a"'),
    expect.stringContaining('"b"'),
  ]);
});

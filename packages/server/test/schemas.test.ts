/** Params and events are checked at the API's door where the schemas of the code are at hand. */
import { z } from "zod";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { call, json, setStage, workflowOf } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));
afterAll(async () => await redis.stop());

const Waiter = workflowOf(async (step) => await step.waitForEvent("go", { type: "go" }));

/** A server over an engine that has registered the workflow itself, and one that has not. */
async function setup() {
  const stage = await setStage(redis);
  const params = z.object({ count: z.number().min(1).default(1) });
  const events = { go: z.object({ ok: z.boolean() }) };
  stage.engine.register(Waiter, { name: "w", params: params as never, events });
  await stage.engine.ready();
  const { url } = await stage.startServer({ engine: stage.engine });
  const embedded = `${url}/client/v4/accounts/default/workflows/w/instances`;
  const apart = `${stage.url}/client/v4/accounts/default/workflows/w/instances`;
  return { embedded, apart };
}

test("params that their schema refuses are a 400 that says where and why", async () => {
  const { embedded } = await setup();

  const refused = await call(embedded, json("POST", { instance_id: "a", params: { count: 0 } }));
  const batch = await call(
    `${embedded}/batch`,
    json("POST", [{ instance_id: "b" }, { params: [] }]),
  );

  expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 10_002 }] } });
  expect(refused.body.errors[0]?.message).toMatch(/params of workflow "w".*\$\.count/);
  expect(batch).toMatchObject({ status: 400, body: { errors: [{ code: 10_002 }] } });
  expect((await call(`${embedded}/b`)).status).toBe(404);
});

test("what a schema makes of params is what is stored", async () => {
  const { embedded } = await setup();

  await call(embedded, json("POST", { instance_id: "a" }));

  expect((await call(`${embedded}/a`)).body.result).toMatchObject({ params: { count: 1 } });
});

test("an event that its schema refuses is a 400, and is not delivered", async () => {
  const { embedded } = await setup();
  await call(embedded, json("POST", { instance_id: "a" }));

  const refused = await call(`${embedded}/a/events/go`, json("POST", { ok: "yes" }));

  expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 10_002 }] } });
  expect(refused.body.errors[0]?.message).toContain("$.ok");
  expect((await call(`${embedded}/a/events/go`, json("POST", { ok: true }))).status).toBe(200);
});

test("a server without the code takes what it gets", async () => {
  const { apart } = await setup();

  const created = await call(apart, json("POST", { instance_id: "a", params: { count: 0 } }));

  expect(created.status).toBe(200);
});

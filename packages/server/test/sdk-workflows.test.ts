/** Every method of Cloudflare's SDK for workflows and versions, against a real server on a real Redis. */
import Cloudflare from "cloudflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { ACCOUNT, setStage, workflowOf } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

class Greeter extends workflowOf(async (step) => await step.do("greet", () => "hello")) {}

const setup = async () => await setStage(redis);

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function toArray<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test("workflows.list has every workflow of the account, and ends", async () => {
  const { engine, sdk } = await setup();
  for (const name of ["a-orders", "b-orders", "mails"]) engine.register(Greeter, { name });
  await engine.ready();

  const all = await toArray(sdk.workflows.list({ account_id: ACCOUNT, per_page: 2 }));
  const found = await toArray(sdk.workflows.list({ account_id: ACCOUNT, search: "orders" }));

  expect(all.map(({ name }) => name).toSorted()).toEqual(["a-orders", "b-orders", "mails"]);
  expect(found.map(({ name }) => name).toSorted()).toEqual(["a-orders", "b-orders"]);
  expect(all[0]).toEqual({
    id: expect.stringMatching(UUID),
    name: expect.any(String),
    class_name: "Greeter",
    script_name: "bullmq-workflows",
    created_on: expect.stringMatching(ISO),
    modified_on: expect.stringMatching(ISO),
    triggered_on: null,
    instances: {
      queued: 0,
      running: 0,
      waiting: 0,
      waitingForPause: 0,
      paused: 0,
      complete: 0,
      errored: 0,
      terminated: 0,
      rollingBack: 0,
    },
  });
});

test("workflows.get counts the instances, and knows when the last one was created", async () => {
  const { engine, sdk } = await setup();
  const greeter = engine.register(Greeter, { name: "greeter" });
  await (await greeter.create()).result();
  await (await greeter.create()).result();

  const workflow = await sdk.workflows.get("greeter", { account_id: ACCOUNT });

  expect(workflow.instances).toMatchObject({ complete: 2, queued: 0 });
  expect(workflow.triggered_on).toMatch(ISO);
});

test("workflows.get of an unknown one is Cloudflare's error", async () => {
  const { sdk } = await setup();

  const error: unknown = await sdk.workflows
    .get("none", { account_id: ACCOUNT })
    .catch((e: unknown) => e);

  expect(error).toBeInstanceOf(Cloudflare.NotFoundError);
  expect(error).toMatchObject({
    status: 404,
    errors: [{ code: 10_200, message: "workflow.not_found" }],
  });
});

test("workflows.update makes a workflow, then a version of it each time", async () => {
  const { sdk } = await setup();
  const params = { account_id: ACCOUNT, class_name: "Orders", script_name: "shop" };

  const first = await sdk.workflows.update("orders", {
    ...params,
    limits: { steps: 50 },
    concurrency: { limit: 3 },
    default_retention: { success_retention: "2 days", error_retention: 5_000 },
  });
  const second = await sdk.workflows.update("orders", params);

  expect(first).toMatchObject({
    name: "orders",
    class_name: "Orders",
    script_name: "shop",
    triggered_on: null,
    version_id: expect.stringMatching(UUID),
    is_deleted: 0,
    terminator_running: 0,
  });
  expect(second.id).toBe(first.id);
  expect(second.created_on).toBe(first.created_on);
  expect(second.version_id).not.toBe(first.version_id);
});

test("workflows.update limits how many instances run at once, for workers that run already", async () => {
  const { engine, sdk } = await setup();
  const slow = engine.register(
    workflowOf(async (step) => await step.do("last", async () => await new Promise(() => {}))),
    { name: "slow" },
  );
  await engine.ready();
  const params = { account_id: ACCOUNT, class_name: "Slow", script_name: "s" };

  await sdk.workflows.update("slow", { ...params, concurrency: { limit: 1 } });
  await slow.createBatch({ count: 3 });

  await eventually(async () =>
    expect(await slow.counts()).toMatchObject({ running: 1, queued: 2 }),
  );
  await sdk.workflows.update("slow", params);
  await eventually(async () =>
    expect(await slow.counts()).toMatchObject({ running: 3, queued: 0 }),
  );
});

test("workflows.delete forgets it and deletes its instances", async () => {
  const { engine, sdk } = await setup();
  const greeter = engine.register(Greeter, { name: "greeter" });
  await (await greeter.create()).result();

  expect(await sdk.workflows.delete("greeter", { account_id: ACCOUNT })).toEqual({
    status: "ok",
    success: true,
  });

  await expect(sdk.workflows.get("greeter", { account_id: ACCOUNT })).rejects.toThrow(
    "workflow.not_found",
  );
  await eventually(async () => expect(await greeter.list({ limit: 10 })).toEqual({ ids: [] }));
});

test("versions.list, get and graph know the one version that there is", async () => {
  const { engine, sdk } = await setup();
  engine.register(Greeter, {
    name: "greeter",
    limits: { steps: 9 },
    concurrency: { limit: 4 },
    retention: { successRetention: "1 day" },
  });
  await engine.ready();

  const versions = await toArray(sdk.workflows.versions.list("greeter", { account_id: ACCOUNT }));
  const [version] = versions;
  const params = { account_id: ACCOUNT, workflow_name: "greeter" };
  const got = await sdk.workflows.versions.get(String(version?.id), params);
  const graph = await sdk.workflows.versions.graph(String(version?.id), params);

  expect(versions).toHaveLength(1);
  expect(got).toEqual(version);
  expect(version).toMatchObject({
    class_name: "Greeter",
    has_dag: false,
    language: "javascript",
    limits: { steps: 9 },
    concurrency: { limit: 4 },
    default_retention: { success_retention: 86_400_000 },
  });
  expect(graph).toMatchObject({ id: version?.id, workflow_id: version?.workflow_id, graph: null });
  await expect(sdk.workflows.versions.get("other", params)).rejects.toMatchObject({
    status: 404,
    errors: [{ code: 10_300 }],
  });
});

/** Why an instance does not run; who runs what; how long the line is. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openNamespace } from "bullmq-workflows/internal";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { json, setStage, workflowOf } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));
afterAll(async () => await redis.stop());

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

/** Does what its params say. */
const Actor = workflowOf(async (step, { payload }) => {
  const { act } = payload as { act: string };
  switch (act) {
    case "event":
      return await step.waitForEvent("approval", { type: "approved", timeout: "1 hour" });
    case "sleep":
      return await step.sleep("night", "8 hours");
    case "fail":
      return await step.do("charge", { retries: { limit: 4, delay: "1 hour" } }, () => {
        throw new TypeError("card declined");
      });
    case "run":
      return await step.do("work", async () => await new Promise(() => undefined));
    case "both":
      return await Promise.race([
        step.waitForEvent("approval", { type: "approved", timeout: "2 hours" }),
        step.sleep("night", "1 hour"),
      ]);
    default:
      return act;
  }
});

async function setup(limit?: number) {
  const stage = await setStage(redis);
  const concurrency = limit === undefined ? {} : { concurrency: { limit } };
  const actors = stage.engine.register(Actor, { name: "actors", ...concurrency });
  await stage.engine.ready();
  return { ...stage, actors };
}

async function why({ call }: Pick<Stage, "call">, id: string) {
  const { body } = await call(`/workflows/actors/instances/${id}/why`);
  return body.result as { code: string; sentence: string; facts: Record<string, unknown> };
}

test.each([
  [
    "event",
    "waiting_for_event",
    /^It waits in step "approval-1" for an event of type "approved" until .+Z\.$/,
    { step: "approval-1", event_type: "approved", until: ISO },
  ],
  [
    "sleep",
    "sleeping",
    /^It sleeps in step "night-1" until .+Z\.$/,
    { step: "night-1", until: ISO },
  ],
  [
    "fail",
    "retrying",
    /^It waits for attempt 2 of 5 of step "charge-1" at .+Z, after TypeError: card declined\.$/,
    {
      attempt: 2,
      attempts: 5,
      until: ISO,
      error: { name: "TypeError", message: "card declined" },
    },
  ],
  ["both", "sleeping", /until .+Z, and for 1 other step\.$/, { others: 1 }],
  ["end", "finished", /^It is complete since .+Z\.$/, { since: ISO }],
  ["run", "running", /^It runs on worker .+ since .+Z, in /, { worker: expect.any(String) }],
])("of one that does %s it is told", async (act, code, sentence, facts) => {
  const stage = await setup();
  await stage.actors.create({ id: "a", params: { act } });

  await eventually(async () => {
    const told = await why(stage, "a");
    expect(told).toMatchObject({ code, facts });
    expect(told.sentence).toMatch(sentence);
  });
});

test("of one that waits for a slot it is told how many go first", async () => {
  const stage = await setup(1);
  await stage.actors.create({ id: "first", params: { act: "run" } });
  await eventually(async () =>
    expect(await why(stage, "first")).toMatchObject({ code: "running" }),
  );
  for (const id of ["second", "third"]) await stage.actors.create({ id, params: { act: "run" } });

  expect(await why(stage, "third")).toMatchObject({
    code: "queued_behind_limit",
    sentence: expect.stringMatching(/behind 1 others, as the limit of 1 at once is reached/),
    facts: { ahead: 1, limit: 1, taken: 1, live_workers: 1 },
  });
  const queue = (await stage.call("/workflows/actors/queue")).body.result;
  expect(queue).toMatchObject({
    limit: 1,
    active: 1,
    waiting: 2,
    waiting_for_slot: 2,
    waiting_for_worker: 0,
    delayed: 0,
    held: 0,
    oldest_waiting_since: ISO,
    live_workers: 1,
    worker_concurrency: 100,
  });
  expect(Math.abs(Number(queue["oldest_waiting_ms"]))).toBeLessThan(60_000);
});

test("a delayed start is told, and counted", async () => {
  const stage = await setup();
  await stage.actors.create({ id: "a", delay: "1 hour", params: { act: "end" } });

  expect(await why(stage, "a")).toMatchObject({
    code: "delayed",
    sentence: expect.stringMatching(/^Its start is delayed until .+Z\.$/),
    facts: { until: ISO },
  });
  expect((await stage.call("/workflows/actors/queue")).body.result).toMatchObject({
    delayed: 1,
    waiting: 0,
    limit: null,
    oldest_waiting_since: null,
    oldest_waiting_ms: null,
  });
});

test("of a paused one it is told who paused it, if that was by the API", async () => {
  const stage = await setup();
  for (const id of ["by-api", "by-code", "resumed"]) {
    await stage.actors.create({ id, params: { act: "event" } });
    await eventually(async () => expect((await why(stage, id)).code).toBe("waiting_for_event"));
  }
  const change = async (id: string, status: string) =>
    await stage.call(`/workflows/actors/instances/${id}/status`, json("PATCH", { status }));

  await change("by-api", "pause");
  await (await stage.actors.get("by-code")).pause();
  await change("resumed", "pause");
  await change("resumed", "resume");
  await eventually(async () =>
    expect((await why(stage, "resumed")).code).toBe("waiting_for_event"),
  );
  await (await stage.actors.get("resumed")).pause();

  expect(await why(stage, "by-api")).toMatchObject({
    code: "paused",
    sentence: expect.stringMatching(
      /^It is paused by loopback since .+Z, until somebody resumes it\.$/,
    ),
    facts: { paused_by: "loopback", since: ISO },
  });
  for (const id of ["by-code", "resumed"]) {
    const { code, facts } = await why(stage, id);
    expect(code).toBe("paused");
    expect(facts).not.toHaveProperty("paused_by");
  }
});

test("without a live worker that is what is told", async () => {
  const stage = await setup();
  const bystander = stage.startEngine({ mode: "client" }).register(Actor, { name: "actors" });
  await stage.engine.close();
  await bystander.create({ id: "a", params: { act: "end" } });

  expect(await why(stage, "a")).toMatchObject({
    code: "no_worker",
    sentence: "It may run, but no live worker has this workflow.",
    facts: { live_workers: 0, ahead: 0 },
  });
  expect((await stage.call("/workers")).body.result).toEqual([]);
});

test("an instance that is not there has no reason to wait", async () => {
  const { call } = await setup();

  expect(await call("/workflows/actors/instances/none/why")).toMatchObject({
    status: 404,
    body: { errors: [{ code: 10_400 }] },
  });
});

test("live workers are listed with what they run, and those that close are not", async () => {
  const stage = await setup();
  await stage.actors.create({ params: { act: "run" } });
  const other = stage.startEngine();
  other.register(Actor, { name: "others" });
  await other.ready();
  const { versions } = { versions: (await stage.call("/workflows/actors/versions")).body.result };

  await eventually(async () => {
    const workers = (await stage.call("/workers")).body.result as unknown as readonly object[];
    expect(workers).toHaveLength(2);
    expect(workers[0]).toMatchObject({
      id: expect.any(String),
      host: expect.any(String),
      pid: process.pid,
      started_on: ISO,
      heard_on: ISO,
      workflows: [
        {
          name: "actors",
          version_id: (versions as unknown as readonly { id: string }[])[0]?.id,
          concurrency: 100,
          active: expect.any(Number),
        },
      ],
    });
  });
  await other.close();
  expect((await stage.call("/workers")).body.result).toHaveLength(1);
});

test("of one whose worker died it is told when it is taken over", async () => {
  const stage = await setup();
  const namespace = openNamespace(stage.engine);
  onTestFinished(async () => await namespace.close());
  const { store } = namespace.open({ name: "actors", settings: { className: "", scriptName: "" } });
  // What a worker leaves that was killed right after it took an instance.
  const retention = { successMs: 60_000, errorMs: 60_000 };
  const delayed = { id: "a", params: "{}", priority: 1, delayMs: 1, retention, nonce: "n" };
  await store.instances.create([delayed]);
  await eventually(async () => {
    await store.sweeps.wakeDue(1);
    const claim = { instanceId: "a", workerId: "dead", leaseMs: 60_000, nonce: "n" };
    expect((await store.activations.claim(claim)).type).toBe("claimed");
  });

  expect(await why(stage, "a")).toMatchObject({
    code: "worker_lost",
    sentence: expect.stringMatching(
      /^Worker dead has not been heard of; its instance is taken over at about .+Z\.$/,
    ),
    facts: { worker: "dead", until: ISO, live_workers: 1 },
  });
});

test("a Redis without memory is told of", async () => {
  const full = await startRedis();
  onTestFinished(async () => await full.stop());
  const stage = await setStage(full);
  const actors = stage.engine.register(Actor, { name: "actors" });
  await stage.engine.ready();
  await actors.create({ id: "a", params: { act: "event" } });
  await eventually(async () => expect((await why(stage, "a")).code).toBe("waiting_for_event"));

  await full.connect().config("SET", "maxmemory", "100kb");

  expect(await why(stage, "a")).toMatchObject({
    code: "redis_full",
    sentence: expect.stringMatching(/^Redis is full \(\d+ % of its memory is used\)/),
    facts: { memory: expect.any(Number) },
  });
});

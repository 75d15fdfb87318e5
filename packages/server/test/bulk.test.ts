/** One action on all instances of a filter, in the background. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNamespace } from "bullmq-workflows/internal";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { toBulkDetail } from "../src/jobs/bulk.ts";
import type { BulkPlan } from "../src/jobs/bulk.ts";
import { json, setStage, workflowOf } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));
afterAll(async () => await redis.stop());

const Waiter = workflowOf(async (step) => (await step.waitForEvent("go", { type: "go" })).payload);

const BULK = "/workflows/w/bulk";

async function setup(count = 0) {
  const stage = await setStage(redis);
  const waiter = stage.engine.register(Waiter, { name: "w", searchable: ["customer"] });
  await stage.engine.ready();
  const ids = Array.from({ length: count }, (_, n) => `i-${String(n).padStart(2, "0")}`);
  for (const id of ids) await waiter.create({ id, tags: ["many"], params: { customer: "c-1" } });
  const inStatus = async (status: "paused" | "waiting"): Promise<number> =>
    (await waiter.counts())[status];
  await eventually(async () => expect(await inStatus("waiting")).toBe(count));
  return { ...stage, waiter, ids, inStatus };
}

async function ended({ call }: Pick<Stage, "call">, id: unknown): Promise<Record<string, unknown>> {
  let last: Record<string, unknown> = {};
  await eventually(async () => {
    last = { ...(await call(`${BULK}/${String(id)}`)).body.result };
    expect(last["state"]).not.toBe("running");
  });
  return last;
}

test("an action is done to all that a filter is for, and to no others", async () => {
  const { call, waiter, inStatus } = await setup(30);
  await waiter.create({ id: "other" });
  await eventually(async () => expect(await inStatus("waiting")).toBe(31));

  const filter = { tag: ["many"], params: { customer: "c-1" }, status: ["waiting"] };
  const begun = await call(BULK, json("POST", { action: "pause", filter, rate: 1_000 }));

  expect(begun.body.result).toMatchObject({
    state: "running",
    action: "pause",
    filter,
    rate: 1_000,
  });
  const end = await ended({ call }, begun.body.result["id"]);
  expect(end).toMatchObject({
    state: "complete",
    matched: 30,
    done: 30,
    skipped: 0,
    failed: 0,
    errors: [],
    started_by: "loopback",
    ended_on: expect.stringMatching(/Z$/),
  });
  expect(await inStatus("paused")).toBe(30);
  expect((await waiter.list({ status: "waiting", limit: 10 })).ids).toEqual(["other"]);
  expect((await call(BULK)).body.result).toEqual([end]);
});

test.each([
  [{ action: "resume" }, { queued: 0 }],
  [{ action: "terminate" }, { terminated: 5 }],
  [{ action: "restart" }, { paused: 0 }],
  [{ action: "delete" }, { paused: 0, waiting: 0 }],
  [{ action: "send_event", event: { type: "go", payload: 7 } }, { paused: 5 }],
])("what can be done to one can be done to many: %j", async (what, counts) => {
  const { call, waiter, ids } = await setup(5);
  for (const id of ids) await (await waiter.get(id)).pause();

  const begun = await call(BULK, json("POST", { ...what, filter: {} }));

  expect(await ended({ call }, begun.body.result["id"])).toMatchObject({ matched: 5, done: 5 });
  await eventually(async () => expect(await waiter.counts()).toMatchObject(counts));
});

test("to what has ended there is nothing to do, and it is said so", async () => {
  const { call, waiter } = await setup(3);
  await (await waiter.get("i-00")).terminate();

  const begun = await call(BULK, json("POST", { action: "terminate", filter: {} }));

  expect(await ended({ call }, begun.body.result["id"])).toMatchObject({
    matched: 3,
    done: 2,
    skipped: 1,
    failed: 0,
  });
});

test("what fails is counted and named, and the others are done all the same", async () => {
  const stage = await setup(3);
  const { call, waiter } = stage;
  const event = { type: "no.such", payload: 1 };

  const begun = await call(BULK, json("POST", { action: "send_event", filter: {}, event }));

  const end = await ended({ call }, begun.body.result["id"]);
  expect(end).toMatchObject({ matched: 3, done: 0, failed: 3 });
  expect(end["errors"]).toContainEqual({
    id: "i-00",
    code: 10_002,
    message: expect.stringContaining("no.such"),
  });
  expect((await waiter.counts()).waiting).toBe(3);
});

test("a dry run says which and how many those would be, and does nothing", async () => {
  const { call, inStatus } = await setup(12);
  const tryOut = async (filter: object) =>
    (await call(BULK, json("POST", { action: "delete", filter, dry_run: true }))).body.result;

  const exact = { dry_run: true, matched: 12, is_exact: true };
  expect(await tryOut({})).toMatchObject(exact);
  expect(await tryOut({ tag: ["many"] })).toMatchObject(exact);
  const searched = await tryOut({ tag: ["many"], id_prefix: "i-" });
  expect(searched).toMatchObject(exact);
  expect(searched["sample"]).toHaveLength(10);
  expect(await tryOut({ status: ["errored"] })).toMatchObject({ matched: 0, sample: [] });
  expect(await inStatus("waiting")).toBe(12);
  expect((await call(BULK)).body.result).toEqual([]);
});

test("it takes the time that its rate asks for, and can be cancelled", async () => {
  const { call, inStatus } = await setup(10);
  const startedAt = performance.now();
  const begun = await call(BULK, json("POST", { action: "pause", filter: {}, rate: 4 }));
  const path = `${BULK}/${String(begun.body.result["id"])}`;
  await eventually(async () => expect(await inStatus("paused")).toBeGreaterThan(1));
  const tookMs = performance.now() - startedAt;

  const cancelled = await call(path, { method: "DELETE" });

  expect(tookMs).toBeGreaterThan(200);
  expect(cancelled.body.result).toMatchObject({ state: "cancelled" });
  const paused = await inStatus("paused");
  expect(paused).toBeLessThan(10);
  expect((await call(path, { method: "DELETE" })).body.result).toMatchObject({
    state: "cancelled",
  });
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await inStatus("paused")).toBeLessThanOrEqual(paused + 1);
});

test("one whose server died is taken over where it was", async () => {
  const stage = await setup(30);
  const { call, engine, inStatus, startServer } = stage;
  const namespace = openNamespace(engine);
  const { instances } = await namespace
    .open({ name: "w", settings: { className: "", scriptName: "" } })
    .store.instances.list({ limit: 10, first: "oldest" });
  const last = instances.at(-1);
  const plan: BulkPlan = {
    action: "pause",
    scope: {},
    filter: {},
    rate: 1_000,
    startedBy: "somebody",
    startedOn: new Date().toISOString(),
  };
  const { plan: planned, progress } = JSON.parse(toBulkDetail(plan)) as {
    plan: BulkPlan;
    progress: object;
  };
  const cursor = `${last?.createdAt}:${last?.id}`;
  const detail = JSON.stringify({
    plan: planned,
    progress: { ...progress, matched: 10, done: 10, cursor },
  });
  const job = { kind: "bulk" as const, workflow: "w", id: "0-dead", detail };
  await namespace.directory.beginJob(job, { holder: "dead", leaseMs: 0 });
  await namespace.close();

  await startServer();

  expect(await ended({ call }, "0-dead")).toMatchObject({ matched: 30, done: 30 });
  expect(await inStatus("paused")).toBe(20);
});

test.each([
  [{ action: "send_event", event: { type: "later" } }, "later"],
  [{ action: "restart" }, "restarted"],
] as const)("a turn that a dead server has not noted is not repeated: %j", async (what, sign) => {
  const { call, engine, ids, startServer, prefix } = await setup(3);
  const begun = await call(BULK, json("POST", { ...what, filter: {}, rate: 1_000 }));
  const id = String(begun.body.result["id"]);
  expect(await ended({ call }, id)).toMatchObject({ done: 3 });
  const countSigns = async (): Promise<number[]> => {
    const client = redis.connect();
    return await Promise.all(
      ids.map(async (each) => {
        const tag = `{${prefix}:w:0}`;
        const lines = await client.hvals(`${tag}:e:${each}`);
        const entries = await client.lrange(`${tag}:h:${each}`, 0, -1);
        return [...lines, ...entries].filter((text) => text.includes(sign)).length;
      }),
    );
  };
  expect(await countSigns()).toEqual([1, 1, 1]);
  const before = await countFences(prefix, ids);
  // As it was before its only turn was noted.
  const namespace = openNamespace(engine);
  const [report] = await namespace.directory.jobReports("w");
  const { plan } = JSON.parse(String(report?.detail)) as { plan: BulkPlan };
  const job = { kind: "bulk" as const, workflow: "w", id, detail: toBulkDetail(plan) };
  await namespace.directory.beginJob(job, { holder: "dead", leaseMs: 0 });
  await namespace.close();

  await startServer();

  await eventually(async () =>
    expect((await call(`${BULK}/${id}`)).body.result).toMatchObject({ state: "complete", done: 3 }),
  );
  expect(await countSigns()).toEqual([1, 1, 1]);
  expect(await countFences(prefix, ids)).toEqual(before);
});

/** A restart draws a new one. */
async function countFences(prefix: string, ids: readonly string[]): Promise<unknown[]> {
  const client = redis.connect();
  return await Promise.all(
    ids.map(async (id) => await client.hget(`{${prefix}:w:0}:i:${id}`, "baseline")),
  );
}

test("no more than ten run at once, however many are asked for together", async () => {
  const { call } = await setup(3);
  // So slow that none ends.
  const slow = json("POST", { action: "pause", filter: {}, rate: 0.1 });

  const replies = await Promise.all(Array.from({ length: 15 }, async () => await call(BULK, slow)));

  const refused = replies.filter(({ status }) => status === 400);
  expect(refused).toHaveLength(5);
  expect(refused[0]?.body.errors[0]?.message).toContain("10 bulk actions");
  const running = (await call(BULK)).body.result as unknown as { id: string }[];
  expect(running).toHaveLength(10);
  await call(`${BULK}/${running[0]?.id}`, { method: "DELETE" });
  expect((await call(BULK, slow)).status).toBe(200);
});

test.each(["complete", "cancelled"])("of what is %s no payload is kept", async (state) => {
  const { call, prefix } = await setup(3);
  const event = { type: "go", payload: "secret" };
  const rate = state === "complete" ? 1_000 : 0.1;
  const begun = await call(BULK, json("POST", { action: "send_event", filter: {}, event, rate }));
  const id = String(begun.body.result["id"]);
  const kept = async (): Promise<unknown> => [
    await redis.connect().hgetall(`{${prefix}}:jobs`),
    await redis.connect().hgetall(`{${prefix}}:materials`),
    await redis.connect().hgetall(`{${prefix}}:reports:w`),
  ];
  if (state === "cancelled") {
    expect(JSON.stringify(await kept())).toContain("secret");
    await call(`${BULK}/${id}`, { method: "DELETE" });
  }

  expect(await ended({ call }, id)).toMatchObject({ state });
  expect(JSON.stringify(await kept())).not.toContain("secret");
});

test("what was asked for is in the audit log with its filter", async () => {
  const { call, server } = await setup(1);
  const filter = { tag: ["many"] };

  const begun = await call(BULK, json("POST", { action: "pause", filter }));

  const entries = await server.audit.read({ limit: 10 });
  expect(entries).toContainEqual(
    expect.objectContaining({
      type: "detail",
      detail: { bulk: begun.body.result["id"], action: "pause", filter, rate: 100 },
    }),
  );
  await ended({ call }, begun.body.result["id"]);
  await eventually(async () => {
    const { facts } = (await call("/workflows/w/instances/i-00/why")).body.result as {
      facts?: object;
    };
    expect(facts).toMatchObject({ paused_by: "loopback" });
  });
});

test.each([
  [{ action: "pause" }, "filter"],
  [{ action: "pause", filter: { tags: ["typo"] } }, "filter"],
  [{ action: "explode", filter: {} }, "action"],
  [{ action: "send_event", filter: {} }, "event"],
  [{ action: "pause", filter: {}, event: { type: "go" } }, "event"],
  [{ action: "pause", filter: {}, rollback: true }, "rollback"],
  [{ action: "pause", filter: {}, rate: 0 }, "rate"],
  [{ action: "pause", filter: { params: { nobody: 1 } } }, "nobody"],
  [{ action: "pause", filter: { params: JSON.parse('{"__proto__":1}') as object } }, "__proto__"],
  [
    { action: "send_event", filter: {}, event: { type: "go", payload: "x".repeat(70_000) } },
    "payload",
  ],
])("a bulk action refuses %j", async (body, named) => {
  const { call } = await setup();

  const refused = await call(BULK, json("POST", body));

  expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 10_002 }] } });
  expect(refused.body.errors[0]?.message).toContain(named);
});

test("a bulk action that is not known is not found", async () => {
  const { call } = await setup();

  for (const init of [{}, { method: "DELETE" }]) {
    expect(await call(`${BULK}/none`, init)).toMatchObject({
      status: 404,
      body: { errors: [{ code: 10_410, message: "bulk.not_found" }] },
    });
  }
});

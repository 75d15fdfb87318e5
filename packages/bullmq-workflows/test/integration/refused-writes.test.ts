/** What happens to running instances while Redis is there and refuses to write. Real servers, real refusals. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import type { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import type { WorkflowEngineConfig, WorkflowInstance } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { createRedisEngines } from "../support/redis-engine.ts";
import { startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";

const LEASE_MS = 600;

interface Line {
  readonly message: string;
  readonly text: string;
}

/** An engine, and instances each of which stands in its first step until the latch opens. */
async function startStage(
  serverConfig: Readonly<Record<string, string>> = {},
  engineConfig: Partial<WorkflowEngineConfig> = {},
) {
  const redis = await startRedis(serverConfig);
  onTestFinished(async () => await redis.stop());
  const engines = createRedisEngines(`redis://127.0.0.1:${redis.port}`);
  onTestFinished(async () => await engines.close());
  const lines: Line[] = [];
  const engine = engines.start({
    lease: LEASE_MS,
    logger: (_, message, facts) => void lines.push({ message, text: String(facts?.["error"]) }),
    ...engineConfig,
  });
  const latch = createLatch();
  const runs = { a: 0, b: 0 };
  const workflow = engine.register(
    workflowOf(async (step) => {
      await step.do("a", async () => {
        runs.a++;
        await latch.opened;
      });
      return await step.do("b", () => ++runs.b);
    }),
    { name: "gated" },
  );
  await engine.ready();
  const begin = async (count: number): Promise<WorkflowInstance[]> => {
    const instances = await Promise.all(
      Array.from({ length: count }, async () => await workflow.create()),
    );
    await eventually(() => expect(runs.a).toBe(count));
    return instances;
  };
  return { redis, admin: redis.connect(), engine, workflow, lines, latch, runs, begin };
}

/** Polls Redis's own clock: longer than any lease that was given before the call. */
async function outlastLease(admin: Redis): Promise<void> {
  const now = async (): Promise<number> => Number((await admin.time())[0]) * 1_000;
  const until = (await now()) + LEASE_MS + 2_000;
  await eventually(async () => expect(await now()).toBeGreaterThan(until));
}

interface Refusal {
  readonly word: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly begin: (admin: Redis, redis: TestRedis) => Promise<unknown>;
  readonly end: (admin: Redis, redis: TestRedis) => Promise<unknown>;
}

const REFUSALS: readonly Refusal[] = [
  {
    word: "OOM",
    begin: async (admin) => await admin.config("SET", "maxmemory", "1"),
    end: async (admin) => await admin.config("SET", "maxmemory", "0"),
  },
  {
    word: "MISCONF",
    config: { save: "3600 1" },
    async begin(admin, { dir }) {
      // A folder where the snapshot should be.
      await mkdir(`${dir}/dump.rdb`);
      await writeFile(`${dir}/dump.rdb/something`, "");
      await admin.bgsave();
      await eventually(async () => {
        expect(await admin.info("persistence")).toContain("rdb_last_bgsave_status:err");
      });
    },
    async end(admin, { dir }) {
      await rm(`${dir}/dump.rdb`, { recursive: true });
      await admin.bgsave();
    },
  },
  {
    word: "NOREPLICAS",
    begin: async (admin) => await admin.config("SET", "min-replicas-to-write", "1"),
    end: async (admin) => await admin.config("SET", "min-replicas-to-write", "0"),
  },
  {
    word: "READONLY",
    // Of a primary that is not there: it keeps its data, and takes no writes.
    begin: async (admin) => await admin.call("REPLICAOF", "127.0.0.1", "1"),
    end: async (admin) => await admin.call("REPLICAOF", "NO", "ONE"),
  },
];

test.each(REFUSALS)(
  "running steps wait for longer than a lease while Redis says $word, and go on, each run once",
  async ({ word, config, begin: refuse, end: allow }) => {
    const { redis, admin, lines, latch, runs, begin } = await startStage(config);
    const instances = await begin(20);

    await refuse(admin, redis);
    latch.open();
    await outlastLease(admin);
    expect(lines.some(({ text }) => text.includes(word))).toBe(true);
    expect(runs.b).toBe(0);
    await allow(admin, redis);

    const results = instances.map(
      async (instance) => await instance.result({ timeout: "20 seconds" }),
    );
    expect(await Promise.all(results)).toHaveLength(20);
    expect(runs).toEqual({ a: 20, b: 20 });
  },
);

test("running steps wait while a restarted Redis loads its data, and go on", async () => {
  const slow = { "key-load-delay": "20000", "loading-process-events-interval-bytes": "1024" };
  const { redis, admin, latch, runs, begin } = await startStage(slow);
  const instances = await begin(20);
  await admin.set("ballast", "x".repeat(10_000));

  await admin.save();
  const restarted = redis.restart({ keepsFiles: true });
  latch.open();
  const other = redis.connect({ enableReadyCheck: false });
  await eventually(async () => await expect(other.set("a", "b")).rejects.toThrow("LOADING"));
  await restarted;

  const results = instances.map(
    async (instance) => await instance.result({ timeout: "20 seconds" }),
  );
  expect(await Promise.all(results)).toHaveLength(20);
  expect(runs.b).toBe(20);
});

test("a worker neither asks nor logs in a hot loop while Redis refuses", async () => {
  const { admin, workflow, lines, latch, begin } = await startStage({}, { concurrency: 20 });
  await begin(20);
  // More than it may take at once.
  await Promise.all(Array.from({ length: 50 }, async () => await workflow.create()));

  const startedAt = performance.now();
  await admin.config("RESETSTAT");
  await admin.config("SET", "maxmemory", "1");
  lines.length = 0;
  latch.open();
  await outlastLease(admin);
  const [, refusedCount = "0"] = /OOM:count=(\d+)/.exec(await admin.info("errorstats")) ?? [];

  expect(Number(refusedCount)).toBeGreaterThan(0);
  expect(Number(refusedCount) / ((performance.now() - startedAt) / 1_000)).toBeLessThan(200);
  expect(lines.length).toBeLessThan(15);
});

test("a lease is renewed while Redis has no memory", async () => {
  const { admin, begin } = await startStage();
  const [instance] = await begin(1);
  const [leases = ""] = await admin.keys("*:leases");
  const leaseEnd = async (): Promise<number> =>
    Number(await admin.zscore(leases, instance?.id ?? ""));
  const firstEnd = await leaseEnd();

  await admin.config("SET", "maxmemory", "1");

  await eventually(async () => expect(await leaseEnd()).toBeGreaterThan(firstEnd + LEASE_MS));
});

test("retention frees memory while there is none, although the rest of a sweep is refused", async () => {
  const { admin, engine } = await startStage({}, { concurrency: 1 });
  const latch = createLatch();
  const workflow = engine.register(
    workflowOf<{ readonly isBrief: boolean }>(async (_, { payload }) => {
      if (!payload.isBrief) await latch.opened;
    }),
    { name: "brief", retention: { successRetention: "1 second" } },
  );
  const create = async (isBrief: boolean): Promise<WorkflowInstance> =>
    await workflow.create({ params: { isBrief } });
  await Promise.all(Array.from({ length: 50 }, async () => await (await create(true)).result()));
  // The second one is taken by nobody, so every sweep asks for it again, which is refused.
  await create(false);
  await create(false);

  await admin.config("SET", "maxmemory", "1");
  expect((await workflow.counts()).complete).toBe(50);

  await eventually(async () => expect((await workflow.counts()).complete).toBe(0));
  latch.open();
});

test("while there is no memory one can look, pause, terminate, restart and delete", async () => {
  const { admin, engine } = await startStage();
  const workflow = engine.register(
    workflowOf<{ readonly isBrief: boolean }>(async (step, { payload }) => {
      if (!payload.isBrief) await step.waitForEvent("wait", { type: "go" });
    }),
    { name: "waiting" },
  );
  const create = async (isBrief: boolean): Promise<WorkflowInstance> =>
    await workflow.create({ params: { isBrief } });
  const complete = await create(true);
  await complete.result();
  const waiting = await Promise.all(Array.from({ length: 5 }, async () => await create(false)));
  await eventually(async () => expect((await workflow.counts()).waiting).toBe(5));
  const [paused, restarted, terminated, deleted, other] = waiting as [
    WorkflowInstance,
    WorkflowInstance,
    WorkflowInstance,
    WorkflowInstance,
    WorkflowInstance,
  ];

  await admin.config("SET", "maxmemory", "1");

  expect((await complete.status()).status).toBe("complete");
  await paused.pause();
  await terminated.terminate();
  await restarted.restart();
  await complete.restart();
  await deleted.delete();
  await expect(other.sendEvent({ type: "go" })).rejects.toMatchObject({
    code: "store.unavailable",
  });
  await expect(paused.resume()).rejects.toMatchObject({ code: "store.unavailable" });
  await admin.config("SET", "maxmemory", "0");
  await complete.result();
  expect(await workflow.counts()).toMatchObject({ complete: 1, paused: 1, terminated: 1 });
});

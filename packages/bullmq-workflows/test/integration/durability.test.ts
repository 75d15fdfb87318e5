/** What is asked of Redis and what is refused, on real servers. */
import { expect, onTestFinished, test } from "vitest";
import type { WorkflowEngineConfig } from "../../src/index.ts";
import { startCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { NEWER_SERVER, NEWER_SERVER_NOTE } from "../support/newer-server.ts";
import { createRedisEngines } from "../support/redis-engine.ts";
import { startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { Cluster } from "ioredis";

async function stoppedLater(starting: Promise<TestRedis>): Promise<TestRedis> {
  const redis = await starting;
  onTestFinished(async () => await redis.stop());
  return redis;
}

function enginesOn({ port }: TestRedis, credentials = "") {
  const engines = createRedisEngines(`redis://${credentials}127.0.0.1:${port}`);
  onTestFinished(async () => await engines.close());
  return engines;
}

const one = workflowOf(async (step) => await step.do("one", () => 1));

test("an engine tells what Redis promises, and says so when it starts", async () => {
  const redis = await stoppedLater(
    startRedis({ appendonly: "yes", appendfsync: "everysec", maxmemory: "100mb" }),
  );
  const lines: unknown[] = [];
  const engine = enginesOn(redis).start({
    logger: (level, message, facts) => void lines.push([level, message, facts?.["grade"]]),
  });
  engine.register(one, { name: "one" });
  await engine.ready();

  await eventually(() => {
    expect(lines).toContainEqual(["info", "Redis is of this durability grade", "B"]);
  });
  expect(await engine.durability()).toMatchObject({
    grade: "B",
    best: "B",
    isDeclared: false,
    unknown: [],
    remarks: [],
    promises: expect.stringContaining("last second"),
    advice: expect.stringContaining("appendfsync always"),
    headroom: { level: "enough", maxMemory: 104_857_600 },
    servers: [{ role: "primary", appends: true, fsync: "everysec" }],
  });
});

const TOO_LOW = { code: "durability.too_low", name: "DurabilityError" };

test("below the minimum no worker starts, and nothing is created", async () => {
  const redis = await stoppedLater(startRedis({ appendonly: "yes" }));
  const engines = enginesOn(redis);
  const config = { durability: { minimum: "A" } } as const;
  const [worker, client] = [engines.start(config), engines.start({ ...config, mode: "client" })];
  const workflow = worker.register(one, { name: "one" });

  await expect(worker.ready()).rejects.toMatchObject(TOO_LOW);
  await expect(workflow.create()).rejects.toMatchObject(TOO_LOW);
  await expect(client.register(one, { name: "one" }).create()).rejects.toMatchObject(TOO_LOW);
  await expect(client.ready()).rejects.toThrow("Set `appendfsync always`");
  const open = engines.start({ mode: "client" }).register(one, { name: "one" });
  expect((await open.counts()).queued).toBe(0);
});

test("at the minimum instances run", async () => {
  const redis = await stoppedLater(startRedis({ appendonly: "yes", appendfsync: "always" }));
  const engine = enginesOn(redis).start({ durability: { minimum: "A" } });
  const workflow = engine.register(one, { name: "one" });

  // Without waiting for `ready`: a create waits for the check itself.
  expect(await (await workflow.create()).result()).toBe(1);
});

test("where Redis does not tell, a minimum is refused unless the grade is declared", async () => {
  const redis = await stoppedLater(startRedis({ appendonly: "yes", appendfsync: "always" }));
  const admin = redis.connect();
  await admin.call("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all", "-config");
  const engines = enginesOn(redis, "app:secret@");
  const config = (durability: WorkflowEngineConfig["durability"]) => ({
    durability: durability ?? {},
  });
  const engine = engines.start(config({ minimum: "A" }));
  engine.register(one, { name: "one" });

  await expect(engine.ready()).rejects.toMatchObject({ code: "durability.unknown" });
  await expect(engine.ready()).rejects.toThrow("`appendfsync`");
  const told = engines.start(config({ minimum: "A", declared: "A" }));
  const workflow = told.register(one, { name: "one" });
  await told.ready();
  expect(await (await workflow.create()).result()).toBe(1);
});

test("a barrier that the server cannot hold is refused at the start, for the workflow that asks", async () => {
  const redis = await stoppedLater(startRedis());
  const engines = enginesOn(redis);
  const engine = engines.start();
  engine.register(one, { name: "one", durability: "fsync" });
  const plain = engines.start();
  plain.register(one, { name: "one" });

  await expect(engine.ready()).rejects.toMatchObject({ code: "durability.barrier_unsupported" });
  await expect(engine.ready()).rejects.toThrow("appendonly yes");
  await plain.ready();
});

test("a step that asks for what the server cannot hold fails, and does not run", async () => {
  const redis = await stoppedLater(startRedis());
  const engine = enginesOn(redis).start();
  let runCount = 0;
  const workflow = engine.register(
    workflowOf(async (step) => {
      const refused = step.do("a", { durability: "fsync" }, () => ++runCount);
      return await refused.catch((error: unknown) => String(error));
    }),
    { name: "asking" },
  );

  const result = await (await workflow.create()).result();

  expect(result).toContain('The durability that step "a-1" asks for cannot be had');
  expect(runCount).toBe(0);
});

test("while Redis is full new instances are refused, and those that run finish", async () => {
  const redis = await stoppedLater(startRedis());
  const admin = redis.connect();
  // Long before Redis itself refuses anything.
  const engine = enginesOn(redis).start({ durability: { fullAt: 0.5 } });
  const latch = createLatch();
  const workflow = engine.register(
    workflowOf(async (step) => {
      await step.do("a", async () => await latch.opened);
      return await step.do("b", () => "done");
    }),
    { name: "gated" },
  );
  await engine.ready();
  const running = await workflow.create();

  await admin.config("SET", "maxmemory", "8mb");
  for (let i = 0; i < 35; i++) await admin.append("ballast", "x".repeat(100_000));
  await engine.durability();
  await expect(workflow.create()).rejects.toMatchObject({ code: "store.low_memory" });
  await expect(workflow.createBatch([{}, {}])).rejects.toMatchObject({ code: "store.low_memory" });
  latch.open();
  expect(await running.result()).toBe("done");

  await admin.del("ballast");
  await eventually(async () => void (await workflow.create()));
});

test("on a Cluster every primary is asked", async () => {
  const redis = await stoppedLater(startCluster({ appendonly: "yes" }));
  const connection = new Cluster([{ host: "127.0.0.1", port: redis.port }]);
  onTestFinished(() => connection.disconnect());
  const engine = enginesOn(redis).start({ connection, durability: { minimum: "B" } });
  const workflow = engine.register(one, { name: "one" });
  await engine.ready();

  expect(await (await workflow.create()).result()).toBe(1);
  expect(await engine.durability()).toMatchObject({ grade: "B", servers: [{ appends: true }] });
});

test.skipIf(!NEWER_SERVER)(
  `on a Cluster outcomes wait for the disk (${NEWER_SERVER_NOTE})`,
  async () => {
    const redis = await stoppedLater(startCluster({ appendonly: "yes" }, NEWER_SERVER));
    const connection = new Cluster([{ host: "127.0.0.1", port: redis.port }]);
    onTestFinished(() => connection.disconnect());
    const durability = { minimum: "A", barrier: "fsync" } as const;
    const engine = enginesOn(redis).start({ connection, durability });
    const [first, second] = ["first", "second"].map((name) => engine.register(one, { name }));
    await engine.ready();

    const instances = await Promise.all([first?.create(), second?.create()]);
    expect(await Promise.all(instances.map(async (instance) => await instance?.result()))).toEqual([
      1, 1,
    ]);
    const stats = await redis.connect().info("commandstats");
    expect(stats).toMatch(/cmdstat_waitaof:calls=\d+/);
  },
);

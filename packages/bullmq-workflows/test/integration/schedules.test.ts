/** Schedules on Redis and BullMQ. What is due is made so by setting back what the store says has fired. */
import { Queue } from "bullmq";
import { Cluster } from "ioredis";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { WorkflowEngine } from "../../src/index.ts";
import type { Workflow, WorkflowEngineConfig, WorkflowSchedules } from "../../src/index.ts";
import { startCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";
import { startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";

const HOURLY = { cron: "0 * * * *", timezone: "Europe/Berlin", catchUp: "latest" } as const;
const KEY = "0 * * * * Europe/Berlin";

const echo = workflowOf(async (step, event) => await step.do("echo", () => event.schedule));

describe.each([
  ["one Redis", startRedis, (redis: TestRedis) => redis.connect({ maxRetriesPerRequest: 0 })],
  [
    "a Redis Cluster",
    startCluster,
    (redis: TestRedis) => new Cluster([{ host: "127.0.0.1", port: redis.port }]),
  ],
] as const)("on %s", (_, startServer, connectTo) => {
  let redis: TestRedis;
  let workflowCount = 0;

  beforeAll(async () => (redis = await startServer()));
  afterAll(async () => await redis.stop());

  interface Bundle {
    readonly tag: string;
    readonly client: Redis;
    readonly queue: Queue;
    readonly start: (
      schedules: WorkflowSchedules,
      config?: Partial<WorkflowEngineConfig>,
    ) => Promise<{ engine: WorkflowEngine; workflow: Workflow }>;
    /** As if the last hours had been missed. */
    readonly makeDue: () => Promise<void>;
    readonly instancesOf: (workflow: Workflow) => Promise<readonly string[]>;
  }

  function setup(): Bundle {
    const name = `workflow-${workflowCount++}`;
    const tag = `{bw:${name}:0}`;
    const client = redis.connect();
    const queue = new Queue("activations", { connection: client, prefix: tag });
    onTestFinished(async () => await queue.close());
    return {
      tag,
      client,
      queue,
      async start(schedules, config = {}) {
        const connection = connectTo(redis);
        const settings = { lease: 600, sweepInterval: 50, ...config };
        const engine = new WorkflowEngine({ connection, ...settings });
        onTestFinished(async () => {
          await engine.close({ force: true });
          connection.disconnect();
        });
        const workflow = engine.register(echo, { name, schedules });
        await engine.ready();
        return { engine, workflow };
      },
      makeDue: async () => void (await client.hset(`${tag}:schedules`, `f:${KEY}`, 0)),
      async instancesOf(workflow) {
        return (await workflow.list({ status: "complete", limit: 100 })).ids;
      },
    };
  }

  const lastHour = (): number => Math.floor(Date.now() / 3_600_000) * 3_600_000;

  test("an alarm that rings early starts nothing", async () => {
    const { start, queue, instancesOf } = setup();
    const { workflow } = await start(HOURLY);
    const [alarm] = await queue.getDelayed();

    await alarm?.promote();

    await eventually(async () => {
      const [next] = await queue.getDelayed();
      expect(next?.id).not.toBe(alarm?.id);
      expect(await queue.getActiveCount()).toBe(0);
    });
    expect(await instancesOf(workflow)).toEqual([]);
  });

  test("what is overdue is fired when a worker starts", async () => {
    const { start, makeDue, instancesOf } = setup();
    const { engine } = await start(HOURLY);
    await engine.close();
    await makeDue();

    const { workflow } = await start(HOURLY);

    await eventually(async () => expect(await instancesOf(workflow)).toHaveLength(1));
  });

  test("a Redis that has lost everything is told again", async () => {
    const { start, client, queue } = setup();
    const { workflow } = await start(HOURLY);
    await client.flushall();

    await eventually(async () => {
      expect(await workflow.schedules()).toHaveLength(1);
      expect(await queue.getJobSchedulersCount()).toBe(1);
    });
  });

  test("a clock that was ahead has no say any more when it has gone back", async () => {
    const { start, client, tag } = setup();
    const { engine } = await start(HOURLY);
    await engine.close();
    const ahead = Date.now() + 86_400_000;
    const [key, known] = [`${tag}:schedules`, await client.hgetall(`${tag}:schedules`)];
    for (const [field, text] of Object.entries(known)) {
      const wrong = text.replace(/^\d+ \d+ /, `${ahead} ${ahead} `);
      if (field.startsWith("d:")) await client.hset(key, field, wrong);
    }
    await client.hset(key, `f:${KEY}`, ahead);

    const { workflow } = await start([HOURLY, "2 * * * *"]);

    expect(await workflow.schedules()).toHaveLength(2);
    expect(Number(await client.hget(key, `f:${KEY}`))).toBeLessThanOrEqual(Date.now());
  });

  test("a newer deployment takes alarms away, and sets its own", async () => {
    const { start, queue } = setup();
    await start([HOURLY, "1 * * * *"]);

    const { workflow } = await start([{ ...HOURLY, params: 1 }, "2 * * * MON#2"]);

    const alarms = async (): Promise<readonly string[]> =>
      (await queue.getJobSchedulers()).map(({ key }) => key).toSorted();
    await eventually(async () => expect(await alarms()).toEqual([KEY, "2 * * * MON#2"]));
    expect((await workflow.schedules()).map(({ nextAt }) => nextAt)).toEqual([
      new Date(lastHour() + 3_600_000),
      expect.any(Date),
    ]);
  });
});

/** Each minute has one firing, and nothing but a minute's end brings it. Answers how late it came. */
async function awaitFiring(connectTo: () => Redis | Cluster): Promise<number> {
  const schedules = ["* * * * *", { ...HOURLY, cron: "0 0 1 1 *" }];
  const workflows: Workflow[] = [];
  for (let i = 0; i < 3; i++) {
    const connection = connectTo();
    const engine = new WorkflowEngine({ connection });
    workflows.push(engine.register(echo, { name: "minutely", schedules }));
    onTestFinished(async () => {
      await engine.close({ force: true });
      connection.disconnect();
    });
    await engine.ready();
  }
  const [workflow] = workflows;
  const [{ nextAt = new Date(0) } = {}] = (await workflow?.schedules()) ?? [];

  const id = `* * * * *-${nextAt.getTime()}`;
  const instance = await eventually(async () => await workflow?.get(id), 75_000);

  const lateMs = Date.now() - nextAt.getTime();
  expect(await instance?.result()).toMatchObject({ scheduledTime: nextAt.getTime() });
  expect((await workflow?.list({ status: "complete", limit: 9 }))?.ids).toEqual([id]);
  return lateMs;
}

test("a minute's alarm rings at one of three workers, and one instance is started", async () => {
  const [redis, cluster] = [await startRedis(), await startCluster()];
  onTestFinished(async () => {
    await redis.stop();
    await cluster.stop();
  });
  const node = { host: "127.0.0.1", port: cluster.port };

  const lateMs = await Promise.all([
    awaitFiring(() => redis.connect({ maxRetriesPerRequest: 0 })),
    awaitFiring(() => new Cluster([node])),
  ]);

  expect(Math.max(...lateMs)).toBeLessThan(5_000);
}, 90_000);

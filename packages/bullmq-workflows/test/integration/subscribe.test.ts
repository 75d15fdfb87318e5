import { fork } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "../../src/index.ts";
import type {
  Workflow,
  WorkflowEngineConfig,
  WorkflowInstanceEvent,
  WorkflowStep,
} from "../../src/index.ts";
import { CuttableProxy } from "../chaos/support/cuttable-proxy.ts";
import { workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { drain, takeUntil, typesOf } from "../support/subscriptions.ts";

const PREFIX = `test-${randomUUID().slice(0, 8)}`;

async function start(config: Readonly<Record<string, string>> = {}): Promise<TestRedis> {
  const redis = await startRedis(config);
  onTestFinished(async () => await redis.stop());
  return redis;
}

function connect(port: number, config: Partial<WorkflowEngineConfig> = {}): WorkflowEngine {
  const engine = new WorkflowEngine({
    connection: `redis://127.0.0.1:${port}`,
    prefix: PREFIX,
    logger: () => undefined,
    ...config,
  });
  onTestFinished(async () => await engine.close({ force: true }));
  return engine;
}

/** Runs elsewhere: see fixtures/stepping-worker.ts. */
class Stepping extends WorkflowEntrypoint<unknown, number> {
  async run(): Promise<unknown> {
    return undefined;
  }
}

async function channels(redis: TestRedis): Promise<number> {
  const listed = (await redis.connect().pubsub("CHANNELS", "*:history:*")) as readonly unknown[];
  return listed.length;
}

function expectWhole(events: readonly WorkflowInstanceEvent[]): void {
  expect(events.map(({ eventId }) => eventId)).toEqual(events.map((_, index) => index + 1));
  expect(events.at(-1)?.type).toBe("workflow_completed");
}

test("a client hears what a worker of another process does", { timeout: 60_000 }, async () => {
  const redis = await start();
  const stepping = connect(redis.port, { mode: "client" }).register(Stepping, { name: "stepping" });
  const instance = await stepping.create({ params: 250 });
  const subscription = await instance.subscribe();
  const events = [...(await takeUntil(subscription, "workflow_queued"))];

  const script = new URL("fixtures/stepping-worker.ts", import.meta.url);
  const execArgv = ["--conditions=@bullmq-workflows/source", "--import", "tsx"];
  const worker = fork(script, [`redis://127.0.0.1:${redis.port}`, PREFIX], { execArgv });
  onTestFinished(() => void worker.kill("SIGKILL"));
  await once(worker, "message");
  events.push(...(await takeUntil(subscription, "workflow_waiting")));
  await instance.sendEvent({ type: "go" });
  events.push(...(await drain(subscription)));

  expectWhole(events);
  expect(events.filter(({ type }) => type === "step_completed")).toHaveLength(250);
  expect(events).toEqual(await drain(await instance.subscribe()));
});

/** An instance that makes a step whenever it is told to, and ends when it has made all of them. */
function registerDriven(engine: WorkflowEngine, steps: number): Workflow {
  return engine.register(
    workflowOf(async (step: WorkflowStep) => {
      for (let number = 1; number <= steps; number++) {
        await step.waitForEvent("go", { type: "go" });
        await step.do("a", () => number);
      }
    }),
    { name: "driven" },
  );
}

test("connections that break again and again leave no gap", { timeout: 60_000 }, async () => {
  const redis = await start();
  const proxy = await CuttableProxy.open(redis.port);
  onTestFinished(() => proxy.close());
  const driven = registerDriven(connect(redis.port), 12);
  const watched = connect(proxy.port, { mode: "client" }).register(
    workflowOf(async () => 0),
    {
      name: "driven",
    },
  );
  const instance = await driven.create({ id: "cut" });
  const subscription = await (await watched.get("cut")).subscribe();
  const events: WorkflowInstanceEvent[] = [...(await takeUntil(subscription, "workflow_waiting"))];

  for (let number = 1; number <= 12; number++) {
    if (number % 3 === 1) proxy.cut();
    if (number % 3 === 2) proxy.cutAtNextAnswer();
    await instance.sendEvent({ type: "go" });
    events.push(...(await takeUntil(subscription, "step_completed")));
  }
  events.push(...(await drain(subscription)));

  expectWhole(events);
  expect(events).toEqual(await drain(await instance.subscribe()));
});

test("a Redis that restarts ends no subscription", { timeout: 60_000 }, async () => {
  const redis = await start({ appendonly: "yes", appendfsync: "always" });
  const driven = registerDriven(connect(redis.port), 2);
  const instance = await driven.create();
  const subscription = await instance.subscribe();
  const events = [...(await takeUntil(subscription, "workflow_waiting"))];
  const next = takeUntil(subscription, "step_completed");

  await redis.restart({ keepsFiles: true });
  await instance.sendEvent({ type: "go" });
  events.push(...(await next));
  await instance.sendEvent({ type: "go" });
  events.push(...(await drain(subscription)));

  expectWhole(events);
  expect(events).toEqual(await drain(await instance.subscribe()));
});

test(
  "a thousand subscriptions hear everything while workers run",
  { timeout: 120_000 },
  async () => {
    const redis = await start();
    const worker = connect(redis.port);
    const gate = createLatch();
    const body = workflowOf(async (step: WorkflowStep) => {
      await step.do("held", async () => await gate.opened);
      for (let number = 0; number < 3; number++) await step.do("a", () => number);
    });
    worker.register(body, { name: "many" });
    const many = connect(redis.port, { mode: "client" }).register(body, { name: "many" });
    const instances = await Promise.all(Array.from({ length: 200 }, () => many.create()));
    const subscriptions = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => instances[index % 200]?.subscribe()),
    );
    const told = subscriptions.map(async (each) => (each ? await drain(each) : []));

    gate.open();
    const lists = await Promise.all(told);

    for (const events of lists) expectWhole(events);
    expect(new Set(lists.map((events) => typesOf(events).join())).size).toBe(1);
    expect(await channels(redis)).toBe(0);
  },
);

test("an instance that is watched has one channel per process, and none when nobody watches", async () => {
  const redis = await start();
  const driven = registerDriven(connect(redis.port), 1);
  const instance = await driven.create();
  const subscriptions = await Promise.all(Array.from({ length: 3 }, () => instance.subscribe()));
  for (const subscription of subscriptions) await takeUntil(subscription, "workflow_waiting");
  const told = subscriptions.map(drain);
  await expect.poll(async () => await channels(redis)).toBe(1);

  for (const subscription of subscriptions) subscription[Symbol.dispose]();
  await Promise.all(told);

  await expect.poll(async () => await channels(redis)).toBe(0);
});

test("closing the engine tells who waits for an event, and who asks for one", async () => {
  const redis = await start();
  const engine = connect(redis.port);
  const instance = await registerDriven(engine, 1).create();
  const subscription = await instance.subscribe();
  await takeUntil(subscription, "workflow_waiting");
  const failure = subscription.next().catch((error: unknown) => error);

  await engine.close();

  expect(await failure).toMatchObject({ code: "engine.closed" });
  await expect(subscription.next()).rejects.toMatchObject({ code: "engine.closed" });
  await expect(instance.subscribe()).rejects.toMatchObject({ code: "engine.closed" });
});

import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { WorkflowEntrypoint } from "../../src/index.ts";
import type { WorkflowEvent, WorkflowStep } from "../../src/index.ts";
import { createRedisEngines } from "../support/redis-engine.ts";
import type { RedisEngines } from "../support/redis-engine.ts";

let server: EmbeddedServer;
let engines: RedisEngines;

beforeAll(async () => {
  server = await startServer({ kind: "native" });
});
afterAll(async () => await server.close());
beforeEach(() => {
  engines = createRedisEngines(server.url);
});
afterEach(async () => await engines.close());

/** Notes how many of its steps ran at once, and in which order instances began. */
class Meter {
  readonly order: string[] = [];
  running = 0;
  most = 0;

  async measure(id: string): Promise<void> {
    this.order.push(id);
    this.most = Math.max(this.most, ++this.running);
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.running--;
  }
}

class Metered extends WorkflowEntrypoint<{ meter: Meter }> {
  async run({ instanceId }: WorkflowEvent<unknown>, step: WorkflowStep) {
    await step.do("work", async () => await this.env.meter.measure(instanceId));
  }
}

test("no more instances than the limit run at once over all workers", async () => {
  const meter = new Meter();
  const options = { name: "metered", concurrency: { limit: 3 } };
  const metered = engines.start({ env: { meter } }).register(Metered, options);
  engines.start({ env: { meter } }).register(Metered, options);

  const { created } = await metered.createBatch({ count: 24 });

  await Promise.all(created.map(async (instance) => await instance.result({ timeout: 20_000 })));
  expect(meter.most).toBe(3);
  expect(await metered.counts()).toMatchObject({ complete: 24 });
});

test("new instances start by priority, then first come", async () => {
  const meter = new Meter();
  const options = { name: "metered", concurrency: { limit: 1 } };
  const client = engines.start({ mode: "client" }).register(Metered, options);
  const ids = [
    { id: "late", priority: 9 },
    { id: "normal-1" },
    { id: "normal-2" },
    { id: "urgent", priority: 1 },
  ];
  for (const entry of ids) await client.create({ ...entry, priority: entry.priority ?? 5 });

  engines.start({ mode: "worker", env: { meter } }).register(Metered, options);

  for (const { id } of ids) await (await client.get(id)).result({ timeout: 20_000 });
  expect(meter.order).toEqual(["urgent", "normal-1", "normal-2", "late"]);
});

test("a delayed instance starts when its delay is over, not before", async () => {
  const meter = new Meter();
  const metered = engines.start({ env: { meter } }).register(Metered, { name: "metered" });
  const begunAt = performance.now();

  const instance = await metered.create({ delay: 200 });

  expect((await instance.status()).status).toBe("queued");
  await instance.result({ timeout: 20_000 });
  expect(performance.now() - begunAt).toBeGreaterThanOrEqual(200);
});

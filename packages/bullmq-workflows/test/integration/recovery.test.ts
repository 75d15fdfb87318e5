import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { Redis } from "ioredis";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { WorkflowEntrypoint } from "../../src/index.ts";
import type { WorkflowEvent, WorkflowStep } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { createRedisEngines } from "../support/redis-engine.ts";
import type { RedisEngines } from "../support/redis-engine.ts";

let dataDir: string;
let server: EmbeddedServer;
let engines: RedisEngines;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "recovery-"));
  server = await startServer({ kind: "native", dataDir, extraArgs: ["--appendfsync", "always"] });
});
afterAll(async () => {
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(() => {
  engines = createRedisEngines(server.url);
});
afterEach(async () => await engines.close());

class Slow extends WorkflowEntrypoint<{ executions: string[] }> {
  async run({ instanceId }: WorkflowEvent<unknown>, step: WorkflowStep) {
    for (let i = 1; i <= 20; i++) {
      await step.do(`part ${i}`, async () => {
        this.env.executions.push(`${instanceId} ${i}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      });
    }
    return this.env.executions.length;
  }
}

test("a worker stopped by force loses its instances to another, recorded steps stay recorded", async () => {
  const executions: string[] = [];
  const env = { executions };
  const first = engines.start({ env });
  const instance = await first.register(Slow, { name: "slow" }).create({ id: "one" });
  await eventually(() => expect(executions.length).toBeGreaterThan(5));

  await first.close({ force: true });

  const second = engines.start({ env }).register(Slow, { name: "slow" });
  await (await second.get(instance.id)).result({ timeout: 10_000 });
  expect(new Set(executions).size).toBe(20);
  expect(executions.length).toBeLessThanOrEqual(21);
});

test("close lets the running step end and records it, so that it never runs again", async () => {
  const executions: string[] = [];
  const env = { executions };
  const first = engines.start({ env });
  const instance = await first.register(Slow, { name: "slow" }).create({ id: "two" });
  await eventually(() => expect(executions.length).toBeGreaterThan(5));

  await first.close();

  const second = engines.start({ env }).register(Slow, { name: "slow" });
  await (await second.get(instance.id)).result({ timeout: 10_000 });
  expect(executions).toHaveLength(20);
});

test("a worker whose connections are cut goes on with the same instances", async () => {
  const executions: string[] = [];
  const slow = engines.start({ env: { executions } }).register(Slow, { name: "slow" });
  const instance = await slow.create({ id: "three" });
  const killer = new Redis(server.url);
  await eventually(() => expect(executions.length).toBeGreaterThan(5));

  await killer.call("CLIENT", "KILL", "TYPE", "normal");
  await killer.call("CLIENT", "KILL", "TYPE", "pubsub");

  await instance.result({ timeout: 10_000 });
  expect(new Set(executions).size).toBe(20);
  killer.disconnect();
});

test("a Redis that crashes and comes back finds its workers waiting", async () => {
  const executions: string[] = [];
  const slow = engines.start({ env: { executions } }).register(Slow, { name: "slow" });
  const instance = await slow.create({ id: "four" });
  await eventually(() => expect(executions.length).toBeGreaterThan(5));
  const port = Number(new URL(server.url).port);

  server.kill();
  await server.exited;
  server = await startServer({
    kind: "native",
    port,
    dataDir,
    extraArgs: ["--appendfsync", "always"],
  });

  const result = eventually(async () => await instance.result({ timeout: 10_000 }));
  await result;
  expect(new Set(executions).size).toBe(20);
});

test("an instance created while Redis is away is there when create resolves", async () => {
  const executions: string[] = [];
  const slow = engines.start({ env: { executions } }).register(Slow, { name: "slow" });
  await slow.counts();
  const port = Number(new URL(server.url).port);
  server.kill();
  await server.exited;

  const creating = slow.create({ id: "five" });
  server = await startServer({
    kind: "native",
    port,
    dataDir,
    extraArgs: ["--appendfsync", "always"],
  });

  await (await creating).result({ timeout: 10_000 });
  expect(executions).toHaveLength(20);
});

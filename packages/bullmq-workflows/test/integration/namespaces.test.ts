import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openNamespace } from "../../src/internal.ts";
import type { WorkflowEngine } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";
import { startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { createRedisEngines } from "../support/redis-engine.ts";
import type { RedisEngines } from "../support/redis-engine.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

function setup(): RedisEngines {
  const engines = createRedisEngines(`redis://127.0.0.1:${redis.port}`);
  onTestFinished(async () => await engines.close());
  return engines;
}

const Greeter = workflowOf(async (step) => await step.do("greet", () => "hello"));

function open(engine: WorkflowEngine, name?: string) {
  const namespace = openNamespace(engine, name);
  onTestFinished(async () => await namespace.close());
  return namespace;
}

test("instances of one namespace are invisible to another", async () => {
  const engines = setup();
  const [acme, other] = ["acme", undefined].map((namespace) =>
    engines.start(namespace ? { namespace } : {}),
  );
  const workflows = [acme, other].map((engine) => engine?.register(Greeter, { name: "greeter" }));
  await workflows[0]?.create({ id: "a" });
  await (await workflows[0]?.get("a"))?.result();

  expect(await workflows[1]?.list({ limit: 10 })).toEqual({ ids: [] });
  await expect(workflows[1]?.get("a")).rejects.toMatchObject({ code: "instance.not_found" });
  await workflows[1]?.create({ id: "a" });
  expect((await workflows[0]?.list({ limit: 10 }))?.ids).toEqual(["a"]);
});

test("a process that registers nothing knows the workflows of others, and can use them", async () => {
  const engines = setup();
  const worker = engines.start({ namespace: "acme" });
  worker.register(Greeter, { name: "greeter", concurrency: { limit: 7 }, limits: { steps: 9 } });
  await worker.ready();
  const client = engines.start({ mode: "client" });

  const namespace = open(client, "acme");
  const [record] = await namespace.directory.workflows();
  if (!record) throw new Error("Nothing is known");
  const { workflow } = namespace.open(record);
  const instance = await workflow.create({ id: "a" });

  expect(record).toMatchObject({
    name: "greeter",
    settings: { concurrencyLimit: 7, stepLimit: 9, scriptName: "bullmq-workflows" },
  });
  expect(await instance.result()).toBe("hello");
  expect(await open(client).directory.workflows()).toEqual([]);
});

test("a client's word does not replace a worker's, and a restart makes no new version", async () => {
  const engines = setup();
  const first = engines.start();
  first.register(Greeter, { name: "greeter", concurrency: { limit: 7 } });
  await first.ready();
  const { directory } = open(first);
  const before = await directory.workflow("greeter");

  engines.start({ mode: "client" }).register(Greeter, { name: "greeter" });
  const again = engines.start();
  again.register(Greeter, { name: "greeter", concurrency: { limit: 7 } });
  await again.ready();

  expect(await directory.workflow("greeter")).toEqual(before);
});

test("a Redis that lost what it knew is told again", async () => {
  const own = await startRedis();
  onTestFinished(async () => await own.stop());
  const engines = createRedisEngines(`redis://127.0.0.1:${own.port}`);
  onTestFinished(async () => await engines.close());
  const engine = engines.start();
  engine.register(Greeter, { name: "greeter" });
  await engine.ready();

  await own.restart();

  await eventually(async () =>
    expect((await open(engine).directory.workflows()).map(({ name }) => name)).toEqual(["greeter"]),
  );
});

test("a namespace has to have a name that an account may have", async () => {
  const engines = setup();

  expect(() => engines.start({ namespace: "a:b" })).toThrow("`namespace`");
  expect(() => openNamespace(engines.start(), "a b")).toThrow("`namespace`");
  expect(() => openNamespace({})).toThrow("WorkflowEngine");
});

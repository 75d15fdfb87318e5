import { afterEach, beforeEach, expect, test } from "vitest";
import { EngineClosedError, WorkflowEngine } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";

const NOWHERE = "redis://127.0.0.1:1";
const NOTHING = workflowOf(async () => {});
const WAITING = workflowOf(async (step) => void (await step.waitForEvent("w", { type: "go" })));

let redis: TestRedis;
let url: string;

beforeEach(async () => {
  redis = await startRedis();
  url = `redis://127.0.0.1:${redis.port}`;
});
afterEach(async () => await redis.stop());

/** An engine in the midst of a step that never ends, whose Redis is gone. */
async function startBereft(): Promise<WorkflowEngine> {
  const begun = createLatch();
  const never = new Promise<void>(() => {});
  const engine = new WorkflowEngine({ connection: url, lease: 2_000 });
  const workflow = engine.register(
    workflowOf(async (step) => {
      await step.do("long", async () => {
        begun.open();
        await never;
      });
    }),
    { name: "long" },
  );
  await workflow.create();
  await begun.opened;
  await redis.stop();
  return engine;
}

test("an engine that never reached Redis can be closed", async () => {
  const engine = new WorkflowEngine({ connection: NOWHERE });
  engine.register(NOTHING, { name: "nothing" });
  const ready = engine.ready();
  ready.catch(() => undefined);

  await engine.close();

  await expect(ready).rejects.toThrow(EngineClosedError);
}, 5_000);

test("an engine that has just tried to reach Redis can be closed", async () => {
  let failures = 0;
  const engine = new WorkflowEngine({ connection: NOWHERE, logger: () => (failures += 1) });
  engine.register(NOTHING, { name: "nothing" });
  await eventually(() => expect(failures).toBeGreaterThan(0));

  await expect(engine.close()).resolves.toBeUndefined();
}, 5_000);

test("an engine that is closed before it has started comes to an end", async () => {
  const engine = new WorkflowEngine({ connection: url });
  engine.register(NOTHING, { name: "nothing" });

  await engine.close();

  const client = redis.connect();
  await eventually(async () => {
    expect(
      String(await client.client("LIST"))
        .trim()
        .split("\n"),
    ).toHaveLength(1);
  });
}, 5_000);

test("a forced close drops a running step while Redis is away", async () => {
  const engine = await startBereft();

  await expect(engine.close({ force: true })).resolves.toBeUndefined();
}, 5_000);

test("a forced close ends a close that waits while Redis is away", async () => {
  const engine = await startBereft();
  const closed = engine.close();

  await engine.close({ force: true });

  await expect(closed).resolves.toBeUndefined();
}, 5_000);

test("a forced close does not wait for waitUntil", async () => {
  const begun = createLatch();
  const engine = new WorkflowEngine({ connection: url });
  const workflow = engine.register(
    class extends workflowOf(async () => {}) {
      override async run(): Promise<void> {
        (this as unknown as { ctx: { waitUntil(work: Promise<void>): void } }).ctx.waitUntil(
          new Promise<void>(() => {}),
        );
        begun.open();
      }
    },
    { name: "background" },
  );
  await workflow.create();
  await begun.opened;

  await expect(engine.close({ force: true })).resolves.toBeUndefined();
}, 5_000);

test("whoever waits for a result is told that the engine was closed", async () => {
  const engine = new WorkflowEngine({ connection: url });
  const instance = await engine.register(WAITING, { name: "waiting" }).create();
  const result = instance.result();
  result.catch(() => undefined);
  await eventually(async () => expect((await instance.status()).status).toBe("waiting"));

  await engine.close();

  await expect(result).rejects.toMatchObject({ code: "engine.closed" });
  await expect(instance.result()).rejects.toMatchObject({ code: "engine.closed" });
});

test("a closed engine creates nothing, and says so at once", async () => {
  const engine = new WorkflowEngine({ connection: url });
  const workflow = engine.register(NOTHING, { name: "closed" });
  await engine.close();

  await expect(workflow.create()).rejects.toThrow(EngineClosedError);
  await expect(workflow.createBatch([{ id: "a" }])).rejects.toThrow(EngineClosedError);
}, 5_000);

test("a closing engine still creates what its running steps ask for", async () => {
  const engine = new WorkflowEngine({ connection: url });
  const children = engine.register(NOTHING, { name: "children" });
  const created: string[] = [];
  const [begun, closing] = [createLatch(), createLatch()];
  const parents = engine.register(
    workflowOf(async (step) => {
      await step.do("create", async () => {
        begun.open();
        await closing.opened;
        created.push((await children.create({ id: "child" })).id);
      });
    }),
    { name: "parents" },
  );
  await parents.create();
  await begun.opened;

  const closed = engine.close();
  closing.open();
  await closed;

  expect(created).toEqual(["child"]);
}, 5_000);

test("a closed engine takes no workflow", async () => {
  const engine = new WorkflowEngine({ connection: url });
  await engine.close();

  expect(() => engine.register(NOTHING, { name: "late" })).toThrow(EngineClosedError);
});

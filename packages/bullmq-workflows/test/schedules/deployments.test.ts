/** Two versions of a deployment side by side, each with schedules of its own. */
import { expect, test, vi } from "vitest";
import { workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";
import type { MemoryEngine } from "../support/memory-engine.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const OLD = "*/2 * * * *";
const NEW = "1-59/2 * * * *";

const nothing = workflowOf(async () => {});

async function start(schedules: string | string[]): Promise<MemoryEngine> {
  return await startMemoryEngine(nothing, { schedules });
}

async function cronsOf(engine: MemoryEngine): Promise<string[]> {
  return (await engine.workflow.schedules()).map(({ cron }) => cron);
}

/** How many instances each schedule has started since. */
async function countWithin(engine: MemoryEngine, ms: number): Promise<Record<string, number>> {
  const before = new Set(engine.store.snapshot().map(({ id }) => id));
  await engine.clock.advance(ms);
  const counts: Record<string, number> = { [OLD]: 0, [NEW]: 0 };
  for (const { id } of engine.store.snapshot()) {
    const cron = id.slice(0, id.lastIndexOf("-"));
    if (!before.has(id)) counts[cron] = (counts[cron] ?? 0) + 1;
  }
  return counts;
}

test("the schedules of a newer deployment replace those of an older one that goes on", async () => {
  const engine = await start(OLD);
  await engine.clock.advance(SECOND);

  await engine.addWorker({ schedules: NEW });

  expect(await cronsOf(engine)).toEqual([NEW]);
  expect(await countWithin(engine, 10 * MINUTE)).toEqual({ [OLD]: 0, [NEW]: 5 });
});

test("a worker of the older one that is started again changes nothing", async () => {
  const engine = await start(OLD);
  await engine.clock.advance(SECOND);
  await engine.addWorker({ schedules: NEW });
  await engine.clock.advance(SECOND);

  await engine.addWorker({ schedules: OLD });

  expect(await cronsOf(engine)).toEqual([NEW]);
  expect(await countWithin(engine, 10 * MINUTE)).toEqual({ [OLD]: 0, [NEW]: 5 });
});

test("the older one comes back into force when the newer one has been gone for a minute", async () => {
  const engine = await start(OLD);
  await engine.clock.advance(SECOND);
  const newer = await engine.addWorker({ schedules: NEW });

  await newer.close();
  await engine.clock.advance(30 * SECOND);
  const soonAfter = await cronsOf(engine);
  await engine.clock.advance(60 * SECOND);

  expect(soonAfter).toEqual([NEW]);
  expect(await cronsOf(engine)).toEqual([OLD]);
  expect(await countWithin(engine, 10 * MINUTE)).toEqual({ [OLD]: 5, [NEW]: 0 });
});

test("a deployment without schedules takes them away", async () => {
  const engine = await start(OLD);
  await engine.clock.advance(SECOND);

  await engine.addWorker({ schedules: [] });

  expect(await cronsOf(engine)).toEqual([]);
  expect(await countWithin(engine, 10 * MINUTE)).toEqual({ [OLD]: 0, [NEW]: 0 });
  expect(engine.queue.alarms.count).toBe(0);
});

test("a schedule that both have fires once, and misses nothing when the newer one takes over", async () => {
  const engine = await start([OLD, "0 * * * *"]);

  await engine.addWorker({ schedules: [OLD, NEW] });

  expect(await countWithin(engine, 10 * MINUTE)).toEqual({ [OLD]: 5, [NEW]: 5 });
});

test("what is fired is fired as the newer deployment says, by a worker of the older one too", async () => {
  const engine = await startMemoryEngine(nothing, { schedules: { cron: OLD, params: "old" } });
  await engine.clock.advance(79 * SECOND);
  // The older worker will not have looked again by then.
  const newer = await engine.addWorker({ schedules: { cron: OLD, params: "new" } });
  await newer.close();

  await engine.clock.advance(2 * SECOND);

  const [{ id } = { id: "" }] = engine.store.snapshot();
  expect((await engine.store.instances.get(id))?.params).toBe('"new"');
});

test("a workflow without schedules declares once, and is not looked at again", async () => {
  const engine = await startMemoryEngine(nothing, { workers: 0 });
  const declareSchedules = vi.spyOn(engine.store.schedules, "declareSchedules");
  const fire = vi.spyOn(engine.store.schedules, "fire");
  await engine.addWorker();

  await engine.clock.advance(10 * MINUTE);

  expect(declareSchedules).toHaveBeenCalledOnce();
  expect(fire).not.toHaveBeenCalled();
});

/** User code sees values and documented errors, never the engine's control flow (I7). */
import { expect, test } from "vitest";
import { startBody } from "../support/harness.ts";
import type { Body } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import type { MemoryEngineOptions } from "../support/memory-engine.ts";

/** A body that says what its `try`, `catch` and `finally` saw of one step. */
function observed(step: Body): { readonly body: Body; readonly seen: string[] } {
  const seen: string[] = [];
  const body: Body = async (...parameters) => {
    try {
      await step(...parameters);
      seen.push("went on");
    } catch (error) {
      seen.push(`caught ${String(error)}`);
    } finally {
      seen.push("finally");
    }
  };
  return { body, seen };
}

async function start(step: Body, options: MemoryEngineOptions = {}) {
  const { body, seen } = observed(step);
  return { ...(await startBody(body, options)), seen };
}

const STEPS: readonly (readonly [string, Body])[] = [
  ["sleep", async (step) => await step.sleep("s", "1 day")],
  [
    "sleepUntil",
    async (step, { timestamp }) => await step.sleepUntil("s", timestamp.getTime() + 86_400_000),
  ],
  ["waitForEvent", async (step) => await step.waitForEvent("w", { type: "go" })],
  [
    "do that waits for its retry",
    async (step) =>
      await step.do("d", { retries: { limit: 1, delay: "1 day" } }, ({ attempt }) => {
        if (attempt === 1) throw new Error("again");
      }),
  ],
  [
    "do that runs",
    async (step) => await step.do("d", { timeout: "5 days" }, () => new Promise(() => {})),
  ],
  [
    "race",
    async (step) =>
      await step.race({ a: step.sleep("a", "1 day"), b: step.waitForEvent("b", { type: "go" }) }),
  ],
];

const SUSPENDING = STEPS.filter(([name]) => name !== "do that runs");

test.each(SUSPENDING)("a %s is suspended unseen", async (_, step) => {
  const { instance, seen } = await start(step, { warmLimit: 0 });

  expect((await instance.status()).status).toBe("waiting");
  expect(seen).toEqual([]);
});

test.each(STEPS)("a %s is terminated unseen", async (_, step) => {
  const { clock, instance, seen } = await start(step);

  await instance.terminate();
  await clock.advance(3 * 86_400_000);

  expect(seen).toEqual([]);
});

test.each(STEPS)("a %s is deleted unseen", async (_, step) => {
  const { clock, instance, seen } = await start(step);

  await instance.delete();
  await clock.advance(3 * 86_400_000);

  expect(seen).toEqual([]);
});

test.each(SUSPENDING)("a %s is paused unseen", async (_, step) => {
  const { clock, instance, seen } = await start(step);

  await instance.pause();
  await clock.advance(3 * 86_400_000);

  expect(seen).toEqual([]);
});

test.each(SUSPENDING)("the worker of a %s is closed unseen", async (_, step) => {
  const { clock, seen, workers } = await start(step);

  await workers[0]?.close();
  await clock.advance(3 * 86_400_000);

  expect(seen).toEqual([]);
});

test.each(STEPS)("a %s loses its lease unseen", async (_, step) => {
  const { clock, instance, seen, store } = await start(step, {
    leaseMs: 10_000,
    sweepIntervalMs: 1_000,
  });
  store.activations.renew = async () => ({ type: "stale" });

  await clock.advance(15_000);

  expect(await instance.status()).toMatchObject({ output: null });
  expect(seen).toEqual([]);
});

test("a step at a closed gate waits unseen until the pause is over", async () => {
  const first = createLatch();
  const { clock, end, instance, seen } = await start(async (step) => {
    await step.do("first", async () => await first.opened);
    await step.do("second", () => 1);
  });
  await instance.pause();
  first.open();
  await clock.settle();
  expect(seen).toEqual([]);

  await instance.resume();
  await end(instance);

  expect(seen).toEqual(["went on", "finally"]);
});

test("steps called by code that outlives its run never settle", async () => {
  const late = createLatch();
  const seen: string[] = [];
  const { clock, instance } = await startBody(async (step) => {
    await step.do("d", { timeout: "5 days" }, async () => {
      await late.opened;
      seen.push("late");
      await step.do("inner", () => seen.push("ran"));
      seen.push("settled");
    });
  });
  await instance.terminate();
  await clock.settle();

  late.open();
  await clock.settle();

  expect(seen).toEqual(["late"]);
});

test("a write that fails for good ends the activation unseen, and another goes on", async () => {
  const { clock, end, instance, seen, store, logs } = await start(
    async (step) => await step.do("d", () => 1),
    { workers: 0, leaseMs: 10_000, sweepIntervalMs: 1_000 },
  ).then(async (engine) => {
    const finish = engine.store.activations.finish.bind(engine.store);
    engine.store.activations.finish = async () => {
      engine.store.activations.finish = finish;
      throw new Error("a bug in the store");
    };
    await engine.addWorker();
    return engine;
  });
  await clock.settle();

  const { status } = await end(instance);

  expect([status, store.snapshot().length]).toEqual(["complete", 1]);
  expect(logs.map(({ message }) => message)).toContain("an activation failed");
  expect(seen).toEqual(["went on", "finally", "went on", "finally"]);
});

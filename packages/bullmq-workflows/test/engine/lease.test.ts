import { expect, onTestFinished, test } from "vitest";
import { overlay } from "../../src/engine/overlay.ts";
import type { Store } from "../../src/engine/ports/store.ts";
import type { MemoryStore } from "../../src/memory/memory-store.ts";
import { workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

/** The store as a worker sees it whose process stands still for a minute after each claim. */
function seenByStandingProcess(store: MemoryStore, sleep: () => Promise<void>): Store {
  const claim: Store["activations"]["claim"] = async (request) => {
    const outcome = await store.activations.claim(request);
    await sleep();
    return outcome;
  };
  return overlay<Store>(store, { activations: overlay(store.activations, { claim }) });
}

test("a worker that stood still past its lease does not run a step that another has committed", async () => {
  const executions: number[] = [];
  const body = workflowOf(async (step) => {
    await step.do("once", async () => void executions.push(executions.length));
    await step.sleep("nap", "1 hour");
  });
  const engine = await startMemoryEngine(body, { workers: 0, leaseMs: 10_000 });
  onTestFinished(async () => await engine.close());
  const minute = async (): Promise<void> =>
    await new Promise((resolve) => void engine.clock.after(60_000, resolve));
  await engine.addWorker({ store: seenByStandingProcess(engine.store, minute) });

  const instance = await engine.workflow.create();
  await engine.clock.settle();
  await engine.addWorker();
  await engine.clock.advance(120_000);

  expect(executions).toHaveLength(1);
  await expect(instance.status()).resolves.toMatchObject({ status: "waiting" });
});

/** The same of one that stands still when it has begun to roll back, and hears nothing but that it has. */
function seenByStandingUndoer(store: MemoryStore, sleep: () => Promise<void>): Store {
  let standing: Promise<void> | undefined;
  const startRollback: Store["activations"]["startRollback"] = async (write) => {
    const outcome = await store.activations.startRollback(write);
    await (standing ??= sleep());
    return outcome;
  };
  const renew: Store["activations"]["renew"] = async (request) => {
    // Answered long after it has gone on with what it had.
    if (standing) await standing.then(sleep);
    return await store.activations.renew(request);
  };
  const onControl: Store["notices"]["onControl"] = async () => () => {};
  return overlay<Store>(store, {
    activations: overlay(store.activations, { startRollback, renew }),
    notices: overlay(store.notices, { onControl }),
  });
}

test("nor does it undo what another has undone", async () => {
  const undone: string[] = [];
  const body = workflowOf(async (step) => {
    for (const name of ["a", "b"])
      await step.do(name, () => 1, { rollback: () => void undone.push(name) });
    throw new Error("failed");
  });
  // With room for one it does not claim the instance again itself.
  const options = { workers: 0, leaseMs: 10_000, concurrencyPerWorker: 1 };
  const engine = await startMemoryEngine(body, options);
  onTestFinished(async () => await engine.close());
  const minute = async (): Promise<void> =>
    await new Promise((resolve) => void engine.clock.after(60_000, resolve));
  await engine.addWorker({ store: seenByStandingUndoer(engine.store, minute) });

  const instance = await engine.workflow.create();
  await engine.clock.settle();
  expect(undone).toEqual([]);
  await engine.addWorker();
  await engine.clock.advance(180_000);

  expect(undone).toEqual(["b", "a"]);
  expect((await instance.status()).status).toBe("errored");
});

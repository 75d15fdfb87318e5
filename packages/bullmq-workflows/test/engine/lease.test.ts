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

import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/engine/ports/store.ts";
import type { MemoryStore } from "../../src/memory/memory-store.ts";
import { workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

/** The store as a worker sees it whose process stands still for a minute after each claim. */
function seenByStandingProcess(store: MemoryStore, sleep: () => Promise<void>): Store {
  return new Proxy<Store>(store, {
    get(target, key) {
      const member = Reflect.get(target, key) as unknown;
      if (typeof member !== "function") return member;
      const method = member.bind(target) as (...parameters: unknown[]) => Promise<unknown>;
      if (key !== "claim") return method;
      return async (...parameters: unknown[]) => {
        const outcome = await method(...parameters);
        await sleep();
        return outcome;
      };
    },
  });
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

/** What surrounds a step's call surrounds its callback, however the attempt came to begin. */
import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import { workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

const tenant = new AsyncLocalStorage<string>();

test("each attempt of a step runs in the context in which its own instance called it", async () => {
  const seen: (readonly [expected: string, found: string | undefined])[] = [];
  const engine = await startMemoryEngine(
    workflowOf<string>(async (step, event) => {
      await tenant.run(event.payload, async () => {
        await step.do("retried", { retries: { limit: 3, delay: 10 } }, ({ attempt }) => {
          seen.push([event.payload, tenant.getStore()]);
          if (attempt < 4) throw new Error("again");
        });
      });
    }),
  );

  const names = Array.from({ length: 10 }, (_, index) => `tenant-${index}`);
  const instances = await Promise.all(
    names.map(async (params) => await engine.workflow.create({ params })),
  );
  for (const instance of instances) await engine.end(instance);

  expect(seen).toHaveLength(40);
  expect(seen.filter(([expected, found]) => expected !== found)).toEqual([]);
});

import { expect, test } from "vitest";
import { workflowOf } from "../../test/support/harness.ts";
import { startMemoryEngine } from "../../test/support/memory-engine.ts";

test("one sweep deletes all instances whose retention is over, however many they are", async () => {
  const engine = await startMemoryEngine(
    workflowOf(async () => "done"),
    { retention: { successRetention: "10 seconds" }, sweepIntervalMs: 5_000 },
  );
  for (let i = 0; i < 250; i++) await engine.workflow.create();
  await engine.clock.settle();
  expect((await engine.workflow.counts()).complete).toBe(250);

  await engine.clock.advance(15_000);

  expect((await engine.workflow.counts()).complete).toBe(0);
  await engine.close();
});

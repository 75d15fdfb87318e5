/** Schedules that no code declares: a PUT of the API sets them. */
import { expect, test } from "vitest";
import { PUT_PREFIX } from "../../src/engine/ports/schedules.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";
import { workflowOf } from "../support/harness.ts";
import { newSchedule } from "../conformance/store/schedule-bundle.ts";

const DAY_MS = 86_400_000;

test("a worker whose code has no schedules hears of them by their alarm, and fires them", async () => {
  const { store, clock, queue, workflow } = await startMemoryEngine(workflowOf(async () => "done"));
  const retention = { successMs: DAY_MS, errorMs: DAY_MS };
  const schedule = newSchedule({ cron: "0 * * * *", retention });
  const digest = `${PUT_PREFIX}1`;

  const { states } = await store.schedules.putSchedules({ digest, schedules: [schedule] });
  queue.alarms.set(states.map((state) => state.schedule));
  await clock.advance(2 * 3_600_000);

  const { ids } = await workflow.list({ limit: 10 });
  expect(ids).toHaveLength(2);
  expect(ids[0]).toMatch(/^0 \* \* \* \*-\d+$/);
});

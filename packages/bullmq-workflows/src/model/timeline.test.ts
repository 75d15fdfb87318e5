import { expect, test } from "vitest";
import type { HistoryEntry } from "./history.ts";
import { DEFAULT_STEP_CONFIG } from "./step-config.ts";
import { Timeline } from "./timeline.ts";

/** The fold over these entries, one second apart. */
function fold(...entries: HistoryEntry[]): Timeline {
  const timeline = new Timeline();
  for (const [index, entry] of entries.entries()) timeline.apply(entry, index * 1_000);
  return timeline;
}

const SLEEP = { type: "sleep_started", step: "s-1", call: 1, durationMs: 10_000 } as const;

test("steps are settled in the order of the history", () => {
  const { settled } = fold(
    SLEEP,
    { type: "step_completed", step: "b-1", call: 3, attempt: 1, output: 1 },
    { type: "step_errored", step: "a-1", call: 2, attempt: 2, error: "no" },
    { type: "sleep_completed", step: "s-1", call: 1 },
  );

  expect(settled).toEqual(["do:b-1", "do:a-1", "sleep:s-1"]);
});

test("an attempt is open until it has ended", () => {
  const begun = {
    type: "attempt_started",
    step: "a-1",
    call: 1,
    attempt: 1,
    config: DEFAULT_STEP_CONFIG,
  } as const;
  const open = fold(begun).steps.get("do:a-1");
  const failed = fold(begun, {
    ...begun,
    type: "attempt_errored",
    retryDelayMs: 5_000,
    error: "no",
  }).steps.get("do:a-1");

  expect([open?.isAttemptOpen, open?.dueAt]).toEqual([true, undefined]);
  expect([failed?.isAttemptOpen, failed?.dueAt, failed?.lastError]).toEqual([false, 6_000, "no"]);
});

test("a pause shifts the timers that were running, by its length", () => {
  const timeline = fold(
    SLEEP,
    { type: "workflow_paused" },
    { type: "workflow_resumed", pausedMs: 60_000 },
    { type: "sleep_started", step: "s-2", call: 2, durationMs: 10_000 },
  );
  const dueAt = (key: string): number | undefined => {
    const state = timeline.steps.get(key);
    return state && timeline.dueAt(state);
  };

  expect([dueAt("sleep:s-1"), dueAt("sleep:s-2")]).toEqual([70_000, 13_000]);
});

test("a settled step is due no more", () => {
  const timeline = fold(SLEEP, { type: "sleep_completed", step: "s-1", call: 1 });

  const state = timeline.steps.get("sleep:s-1");

  expect(state && timeline.dueAt(state)).toBeUndefined();
});

test("a race cancels its undecided branches, also those that are not on record yet", () => {
  const { settled, steps } = fold(SLEEP, {
    type: "race_settled",
    step: "race-1",
    call: 3,
    winner: "x",
    cancelled: ["sleep:s-1", "do:never-1"],
  });

  expect(settled).toEqual(["race:race-1"]);
  expect(steps.get("sleep:s-1")?.settlement).toEqual({ type: "cancelled" });
  expect(steps.get("do:never-1")?.settlement).toEqual({ type: "cancelled" });
});

test("a step that has settled is not cancelled afterwards", () => {
  const { steps } = fold(
    SLEEP,
    { type: "sleep_completed", step: "s-1", call: 1 },
    { type: "race_settled", step: "race-1", call: 2, winner: "x", cancelled: ["sleep:s-1"] },
  );

  expect(steps.get("sleep:s-1")?.settlement).toEqual({ type: "elapsed" });
});

test("steps at the top level are known by the number of their call, inner ones are not", () => {
  const { calls } = fold(SLEEP, {
    type: "step_completed",
    step: "inner-1",
    in: "outer-1",
    attempt: 1,
    output: 1,
  });

  expect([...calls]).toEqual([[1, "sleep:s-1"]]);
});

test("every entry counts for the length, those about the whole instance too", () => {
  const { length } = fold(SLEEP, { type: "workflow_terminated" });

  expect(length).toBe(2);
});

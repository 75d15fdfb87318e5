import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LogLines } from "./log-lines.ts";

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

function setUp() {
  const told: string[] = [];
  const lines = new LogLines(({ type }) => void told.push(type));
  const add = (type: string, timestamp = 1): void => {
    lines.add({ type, timestamp, stepName: "charge-1" });
  };
  return { told, lines, add };
}

test("of an attempt that was recorded as a whole only what came of it is told", () => {
  const { told, add } = setUp();
  const types = ["workflow_running", "step_started", "attempt_started", "attempt_completed"];
  for (const type of [...types, "step_completed", "attempt_started", "attempt_errored"]) add(type);

  expect(told).toEqual(["step_completed", "attempt_errored"]);
});

test("an attempt that lasts is told of when it has begun, not only when it ends", () => {
  const { told, add } = setUp();
  add("attempt_started");
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual(["attempt_started"]);

  add("attempt_errored", 2);
  expect(told).toEqual(["attempt_started", "attempt_errored"]);
});

test("of the past, the beginning of an attempt that lasted is told too", () => {
  const { told, add } = setUp();
  add("attempt_started", 1);
  add("attempt_completed", 5_000);
  add("step_completed", 5_000);

  expect(told).toEqual(["attempt_started", "step_completed"]);
});

test("what is held back is told at the end", () => {
  const { told, lines, add } = setUp();
  add("attempt_started");
  lines.flush();
  vi.advanceTimersByTime(1_000);

  expect(told).toEqual(["attempt_started"]);
});

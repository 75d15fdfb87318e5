import { expect, test } from "vitest";
import type { HistoryEntry } from "./history.ts";
import { keepBefore } from "./restart-point.ts";
import type { RestartPoint } from "./restart-point.ts";
import { DEFAULT_STEP_CONFIG } from "./step-config.ts";

const CONFIG = { attempt: 1, config: DEFAULT_STEP_CONFIG } as const;

function done(step: string, call: number): HistoryEntry {
  return { type: "step_completed", step, call, attempt: 1, output: null };
}

function inside(step: string, outer: string, after: readonly [number, number]): HistoryEntry {
  return { type: "step_completed", step, in: outer, after, attempt: 1, output: null };
}

function begun(step: string, call: number): HistoryEntry {
  return { type: "attempt_started", step, call, ...CONFIG };
}

function failed(step: string, call: number, attempt = 1): HistoryEntry {
  const facts = { ...CONFIG, attempt, retryDelayMs: 5_000, error: "no" };
  return { type: "attempt_errored", step, call, ...facts };
}

function slept(step: string, call: number): readonly HistoryEntry[] {
  return [
    { type: "sleep_started", step, call, durationMs: 5 },
    { type: "sleep_completed", step, call },
  ];
}

/** What is left of a history, one entry a second. */
function keep(
  entries: readonly HistoryEntry[],
  from: Partial<RestartPoint> & { readonly name: string },
): readonly HistoryEntry[] | undefined {
  const history = entries.map((entry, index) => ({ at: index, text: JSON.stringify(entry) }));
  const kept = keepBefore(history, { count: 1, type: "do", ...from });
  if (!kept) return undefined;
  const left = [...history.slice(0, kept.prefix), ...kept.rest];
  expect(left.map(({ at }) => at)).toEqual(left.map(({ at }) => at).toSorted((a, b) => a - b));
  return left.map(({ text }) => JSON.parse(text) as HistoryEntry);
}

test("the step and what began after it are dropped, what began before is kept", () => {
  const entries = [done("a-1", 1), done("b-1", 2), done("c-1", 3)];

  expect(keep(entries, { name: "b" })).toEqual(entries.slice(0, 1));
  expect(keep(entries, { name: "a" })).toEqual([]);
});

test("what began before and ended after keeps its result", () => {
  const [slow, fast, next] = [done("slow-1", 1), done("fast-1", 2), done("next-1", 3)];

  expect(keep([fast, slow, next], { name: "fast" })).toEqual([slow]);
  expect(keep([fast, next, slow], { name: "next" })).toEqual([fast, slow]);
});

test("the how-manieth of a name is counted in the order of beginning, per type", () => {
  const entries = [...slept("a-1", 1), done("a-1", 2), done("a-2", 3), ...slept("a-2", 4)];

  expect(keep(entries, { name: "a", count: 2 })).toEqual(entries.slice(0, 3));
  expect(keep(entries, { name: "a", type: "sleep" })).toEqual([]);
  expect(keep(entries, { name: "a", type: "sleep", count: 2 })).toEqual(entries.slice(0, 4));
});

test("a name may end like an occurrence", () => {
  const entries = [done("a-1-1", 1), done("a-1", 2)];

  expect(keep(entries, { name: "a-1" })).toEqual([]);
  expect(keep(entries, { name: "a" })).toEqual(entries.slice(0, 1));
});

test.each<Partial<RestartPoint> & { readonly name: string }>([
  { name: "b" },
  { name: "a", count: 2 },
  { name: "a", type: "sleep" },
  { name: "a", type: "waitForEvent" },
  { name: "a-1" },
])("there is no step %o", (from) => {
  expect(keep([done("a-1", 1)], from)).toBeUndefined();
});

test("waits are kept with the event that they took", () => {
  const entries: HistoryEntry[] = [
    { type: "wait_started", step: "w-1", call: 1, eventType: "go", timeoutMs: 9 },
    { type: "wait_completed", step: "w-1", call: 1, eventType: "go", receivedAt: 1, payload: 7 },
    { type: "wait_started", step: "w-2", call: 2, eventType: "go", timeoutMs: 9 },
    { type: "wait_timed_out", step: "w-2", call: 2, timeoutMs: 9 },
  ];

  expect(keep(entries, { name: "w", type: "waitForEvent", count: 2 })).toEqual(entries.slice(0, 2));
});

test("timers of steps that began before are wiped", () => {
  const entries: HistoryEntry[] = [
    { type: "sleep_started", step: "s-1", call: 1, durationMs: 5 },
    { type: "wait_started", step: "w-1", call: 2, eventType: "go", timeoutMs: 9 },
    failed("flaky-1", 3),
    done("b-1", 4),
  ];

  expect(keep(entries, { name: "b" })).toEqual([{ ...failed("flaky-1", 3), retryDelayMs: 0 }]);
});

test("an attempt that was under way begins anew, those that failed are on record", () => {
  const entries = [begun("a-1", 1), failed("a-1", 1), begun("a-1", 1), done("b-1", 2)].map(
    (entry, index) => (index === 2 ? { ...entry, attempt: 2 } : entry),
  ) as HistoryEntry[];

  expect(keep(entries, { name: "b" })).toEqual([
    begun("a-1", 1),
    { ...failed("a-1", 1), retryDelayMs: 0 },
  ]);
});

test("delays of failed attempts that are over stay as they were", () => {
  const entries = [failed("a-1", 1, 1), failed("a-1", 1, 2), done("b-1", 2)];

  expect(keep(entries, { name: "b" })).toEqual([
    failed("a-1", 1, 1),
    { ...failed("a-1", 1, 2), retryDelayMs: 0 },
  ]);
});

test("entries about the instance are dropped", () => {
  const entries: HistoryEntry[] = [
    done("a-1", 1),
    { type: "workflow_paused" },
    { type: "workflow_resumed", pausedMs: 7 },
    done("b-1", 2),
    { type: "workflow_errored" },
  ];

  expect(keep(entries, { name: "b" })).toEqual([done("a-1", 1)]);
});

const ROLLED_BACK: readonly HistoryEntry[] = [
  { type: "rollback_started", error: {}, totalSteps: 1 },
  { type: "rollback_step_started", step: "b-1", config: DEFAULT_STEP_CONFIG },
  { type: "rollback_step_completed", step: "b-1", attempt: 1 },
];

test("the first step that was undone is dropped, with what began after it", () => {
  const entries = [done("a-1", 1), done("b-1", 2), done("c-1", 3), done("d-1", 4)];

  expect(keep([...entries, ...ROLLED_BACK], { name: "d" })).toEqual(entries.slice(0, 1));
  expect(keep([...entries, ...ROLLED_BACK], { name: "a" })).toEqual([]);
});

test("a step whose rollback was not completed is kept", () => {
  const entries = [done("a-1", 1), done("b-1", 2), done("c-1", 3)];
  const failed = { type: "rollback_step_errored", step: "b-1", attempt: 1, error: "no" } as const;

  const history = [...entries, ...ROLLED_BACK.slice(0, 2), failed];
  expect(keep(history, { name: "c" })).toEqual(entries.slice(0, 2));
});

test("a step around one that was undone is dropped with it: else that would not run again", () => {
  const entries = [
    done("a-1", 1),
    inside("b-1", "out-1", [2, 1]),
    done("out-1", 2),
    done("c-1", 3),
  ];
  const undone = { type: "rollback_step_completed", step: "b-1", in: "out-1", attempt: 1 } as const;

  expect(keep([...entries, undone], { name: "c" })).toEqual(entries.slice(0, 1));
});

test("steps inside a step are dropped with it", () => {
  const entries = [inside("in-1", "out-1", [1, 1]), done("out-1", 1), done("b-1", 2)];

  expect(keep(entries, { name: "out" })).toEqual([]);
  expect(keep(entries, { name: "b" })).toEqual(entries.slice(0, 2));
});

test("a step inside another is found, and what began before it is kept, also the step around it", () => {
  const entries = [
    inside("in-1", "out-1", [1, 1]),
    inside("in-2", "out-1", [1, 2]),
    done("out-1", 1),
    done("b-1", 2),
  ];

  expect(keep(entries, { name: "in", count: 2 })).toEqual([entries[0], entries[2]]);
});

test("a step inside another that began after a step beside it is dropped with that", () => {
  const [early, late] = [inside("in-1", "out-1", [1, 1]), inside("in-2", "out-1", [2, 2])];

  expect(keep([early, done("b-1", 2), late, done("out-1", 1)], { name: "b" })).toEqual([
    early,
    done("out-1", 1),
  ]);
});

test("a race that is kept keeps what lost it cancelled; one that is dropped does not", () => {
  const sleep: HistoryEntry = { type: "sleep_started", step: "slow-1", call: 2, durationMs: 5 };
  const race: HistoryEntry = {
    type: "race_settled",
    step: "race-1",
    call: 3,
    winner: "quick",
    cancelled: ["sleep:slow-1"],
  };
  const entries = [sleep, done("quick-1", 1), race, done("b-1", 4)];

  expect(keep(entries, { name: "b" })).toEqual(entries.slice(0, 3));
  expect(keep([...entries, done("x-1", 5)], { name: "x" })).toEqual(entries);
  expect(keep(entries, { name: "slow", type: "sleep" })).toEqual([done("quick-1", 1)]);
});

test("streams of what is dropped are named", () => {
  const stream = { id: "7.1", chunks: 1, bytes: 3, preview: "abc" };
  const entry = { type: "step_completed", stream, step: "a-1", call: 1, attempt: 1 };
  const history = [{ at: 1, text: JSON.stringify(entry) }];

  const kept = keepBefore(history, { name: "a", count: 1, type: "do" });

  expect(kept).toEqual({ prefix: 0, rest: [], droppedStreams: [stream] });
});

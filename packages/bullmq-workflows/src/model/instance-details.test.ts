import { expect, test } from "vitest";
import { toInstanceDetails } from "./instance-details.ts";
import type { InstanceDetails } from "./instance-details.ts";
import { encodeError } from "./payload.ts";
import { DEFAULT_STEP_CONFIG } from "./step-config.ts";

const STARTED_AT = 1_000;
const FLAKY = { ...DEFAULT_STEP_CONFIG, retries: { limit: 3, delay: 50, backoff: "constant" } };
const BOOM: unknown = JSON.parse(encodeError(new TypeError("boom")));

function detailsOf(...entries: readonly (readonly [at: number, entry: object])[]): InstanceDetails {
  return toInstanceDetails({
    startedAt: STARTED_AT,
    entries: entries.map(([at, entry]) => ({ at, text: JSON.stringify(entry) })),
  });
}

const completed = (step: string, rest: object = {}): object => {
  return { type: "step_completed", step, call: 1, attempt: 1, output: 1, ...rest };
};

test("a step began with the one before it, the first with the run", () => {
  const { steps } = detailsOf([1_005, completed("a-1")], [1_020, completed("b-1")]);

  expect(steps).toMatchObject([
    { type: "step", name: "a-1", start: 1_000, end: 1_005, output: { value: 1 } },
    { name: "b-1", start: 1_005, end: 1_020, attempts: [{ start: 1_005, end: 1_020 }] },
  ]);
});

test("what differs from the default config is shown, and all of it where it is on record", () => {
  const { steps } = detailsOf(
    [1_001, completed("a-1", { config: { timeout: "1 minute" } })],
    [1_002, { type: "attempt_started", step: "b-1", attempt: 1, config: FLAKY }],
    [1_003, completed("c-1", { sensitive: "output", output: "secret" })],
  );

  expect(steps.map((step) => step.type === "step" && step.config)).toEqual([
    { ...DEFAULT_STEP_CONFIG, timeout: "1 minute" },
    FLAKY,
    { ...DEFAULT_STEP_CONFIG, sensitive: "output" },
  ]);
  expect(steps[2]).toMatchObject({ output: { value: "[REDACTED]" } });
});

test("a failed attempt is followed by one that begins when its delay is over", () => {
  const failure = { type: "attempt_errored", step: "a-1", attempt: 1, retryDelayMs: 50 };
  const failed = { ...failure, config: FLAKY, error: BOOM };

  const waiting = detailsOf([1_010, failed]).steps[0];
  const ended = detailsOf([1_010, failed], [1_070, completed("a-1", { attempt: 2 })]).steps[0];

  expect(waiting).toMatchObject({
    retryAt: 1_060,
    attempts: [{ start: 1_000, end: 1_010, error: { name: "TypeError", message: "boom" } }],
  });
  expect(waiting).not.toHaveProperty("end");
  expect(ended).toMatchObject({ end: 1_070, attempts: [{ end: 1_010 }, { start: 1_060 }] });
  expect(ended).not.toHaveProperty("retryAt");
});

test("a step that failed for good has the error of its last attempt", () => {
  const { steps } = detailsOf([
    1_010,
    { type: "step_errored", step: "a-1", attempt: 1, error: BOOM },
  ]);

  const error = { name: "TypeError", message: "boom" };
  expect(steps[0]).toMatchObject({ end: 1_010, error, attempts: [{ end: 1_010, error }] });
  expect(steps[0]).not.toHaveProperty("output");
});

test("an attempt that is on record as begun has no end yet", () => {
  const { steps } = detailsOf([
    2_000,
    { type: "attempt_started", step: "a-1", attempt: 1, config: FLAKY },
  ]);

  expect(steps).toEqual([
    {
      type: "step",
      name: "a-1",
      in: undefined,
      start: 1_000,
      config: FLAKY,
      attempts: [{ start: 1_000 }],
    },
  ]);
});

test("a sleep is due when it says, later by the pauses meanwhile, and ends when it ended", () => {
  const sleep = [1_010, { type: "sleep_started", step: "nap-1", durationMs: 500 }] as const;
  const pause = [1_100, { type: "workflow_resumed", pausedMs: 30 }] as const;

  expect(detailsOf(sleep, pause).steps).toEqual([
    { type: "sleep", name: "nap-1", in: undefined, start: 1_010, wakeAt: 1_540 },
  ]);
  expect(
    detailsOf(sleep, [1_511, { type: "sleep_completed", step: "nap-1" }]).steps[0],
  ).toMatchObject({
    end: 1_511,
  });
  expect(
    detailsOf([1_010, { type: "sleep_errored", step: "past-1", error: BOOM }]).steps[0],
  ).toMatchObject({ start: 1_010, end: 1_010, error: { message: "boom" } });
});

test("a wait shows its event or that it timed out, also when nothing said that it began", () => {
  const wait = { type: "wait_started", step: "go-1", eventType: "go", timeoutMs: 9 };
  const event = { type: "wait_completed", step: "go-1", eventType: "go", receivedAt: 1_015 };

  expect(detailsOf([1_010, wait], [1_020, { ...event, payload: { a: 1 } }]).steps).toEqual([
    {
      type: "waitForEvent",
      name: "go-1",
      in: undefined,
      start: 1_010,
      end: 1_020,
      timeoutAt: 1_019,
      eventType: "go",
      event: { payload: { a: 1 }, timestamp: new Date(1_015), type: "go" },
    },
  ]);
  const buffered = detailsOf([1_020, event]).steps[0];
  expect(buffered).toMatchObject({ start: 1_000, end: 1_020 });
  expect(buffered).toHaveProperty("event", { timestamp: new Date(1_015), type: "go" });
  expect(
    detailsOf([1_010, wait], [1_019, { type: "wait_timed_out", step: "go-1", timeoutMs: 9 }])
      .steps[0],
  ).toMatchObject({
    end: 1_019,
    error: { name: "WorkflowTimeoutError", message: "Execution timed out after 9ms" },
  });
});

test("a wait whose schema refused the event shows both", () => {
  const refusal = encodeError(new TypeError("no number"));
  const refused = {
    type: "wait_errored",
    step: "go-1",
    eventType: "go",
    receivedAt: 1_015,
    refusal,
  };

  expect(detailsOf([1_020, { ...refused, payload: "x" }]).steps).toMatchObject([
    { end: 1_020, error: { name: "TypeError", message: "no number" }, event: { payload: "x" } },
  ]);
});

test("who lost a race ended with it, and a race is no step of its own", () => {
  const { steps } = detailsOf(
    [1_010, { type: "wait_started", step: "go-1", eventType: "go", timeoutMs: 9 }],
    [1_020, { type: "race_settled", step: "r-1", winner: "a", cancelled: ["wait:go-1", "do:x-1"] }],
  );

  expect(steps).toMatchObject([{ name: "go-1", end: 1_020 }]);
});

test("kinds count apart, and steps inside one another too", () => {
  const { steps } = detailsOf(
    [1_001, completed("a-1")],
    [1_002, { type: "sleep_started", step: "a-1", durationMs: 1 }],
    [1_003, completed("a-1", { in: "outer-1", output: 2 })],
    [1_004, completed("outer-1", { output: 3 })],
  );

  expect(steps.map(({ type, in: enclosing }) => [type, enclosing])).toEqual([
    ["step", undefined],
    ["sleep", undefined],
    ["step", undefined],
    ["step", "outer-1"],
  ]);
  expect(steps.slice(2)).toMatchObject([
    { name: "outer-1", start: 1_002, attempts: [{ start: 1_002, end: 1_004 }] },
    { name: "a-1", start: 1_002, end: 1_003 },
  ]);
});

test("a termination is known by its instant", () => {
  expect(detailsOf([1_500, { type: "workflow_terminated" }])).toEqual({
    steps: [],
    terminatedAt: 1_500,
  });
});

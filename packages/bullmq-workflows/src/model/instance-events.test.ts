import fc from "fast-check";
import { expect, test } from "vitest";
import { sayWaiting } from "./history.ts";
import { IDS_PER_ENTRY, InstanceEvents } from "./instance-events.ts";
import type { HistoryPart } from "./instance-events.ts";
import type { WorkflowInstanceEvent } from "./instance-event-types.ts";
import { INSTANCE_EVENT_TYPES } from "./instance-event-types.ts";
import { encodeError, encodePayload } from "./payload.ts";
import { DEFAULT_STEP_CONFIG } from "./step-config.ts";

const CREATED_AT = 1_000;

type Fields = Readonly<Record<string, unknown>> & { readonly type: string };

interface Story extends Partial<Omit<HistoryPart, "entries">> {
  readonly entries?: readonly Fields[];
}

/** Entries one millisecond apart. */
function partOf({ entries = [], ...rest }: Story): HistoryPart {
  return {
    createdAt: CREATED_AT,
    startedAfter: 0,
    params: "{}",
    ...rest,
    entries: entries.map((entry, index) => ({
      at: CREATED_AT + 10 + index,
      text: JSON.stringify(entry),
    })),
  };
}

function fold(story: Story): readonly WorkflowInstanceEvent[] {
  return new InstanceEvents("a").advance(partOf(story));
}

/** Each event as its type and what tells it from others of the type. */
function tell(story: Story): readonly string[] {
  return fold(story).map((event) => {
    const { instanceId: _, eventId: __, timestamp: ___, type, ...facts } = event;
    const named = facts as { stepName?: string; attempt?: number };
    return [type, named.stepName, named.attempt].filter((part) => part !== undefined).join(" ");
  });
}

const RUNNING = ["workflow_queued", "workflow_started", "workflow_running"];
const started = { startedAt: CREATED_AT + 5 };
const error = JSON.parse(encodeError(new RangeError("no"))) as unknown;
const config = { ...DEFAULT_STEP_CONFIG, timeout: 5 };

test("a new instance is queued", () => {
  expect(fold({})).toEqual([
    { instanceId: "a", eventId: 1, timestamp: CREATED_AT, type: "workflow_queued" },
  ]);
});

test("one that was claimed has started, and runs", () => {
  const base = { instanceId: "a", timestamp: CREATED_AT + 5 };
  expect(fold({ ...started, params: '{"n":1}' }).slice(1)).toEqual([
    { ...base, eventId: 2, type: "workflow_started", params: { n: 1 } },
    { ...base, eventId: 3, type: "workflow_running" },
  ]);
});

test("a short step has only its end on record, and its start and attempt follow from it", () => {
  const entries = [{ type: "step_completed", step: "a-1", attempt: 1, output: "x" }];

  expect(tell({ ...started, entries })).toEqual([
    ...RUNNING,
    "step_started a-1",
    "attempt_started a-1 1",
    "attempt_completed a-1 1",
    "step_completed a-1",
  ]);
});

test("what is on record as begun is not told again", () => {
  const entries = [
    { type: "attempt_started", step: "a-1", attempt: 1, config },
    { type: "attempt_errored", step: "a-1", attempt: 1, config, retryDelayMs: 7, error },
    { type: "attempt_started", step: "a-1", attempt: 2, config },
    { type: "step_completed", step: "a-1", attempt: 2, output: null },
  ];

  expect(tell({ ...started, entries }).slice(3)).toEqual([
    "step_started a-1",
    "attempt_started a-1 1",
    "attempt_errored a-1 1",
    "attempt_started a-1 2",
    "attempt_completed a-1 2",
    "step_completed a-1",
  ]);
});

test("a step that fails for good has a last attempt without a retry", () => {
  const entries = [
    { type: "attempt_errored", step: "a-1", attempt: 1, config, retryDelayMs: 7, error },
    { type: "step_errored", step: "a-1", attempt: 2, error },
  ];

  const events = fold({ ...started, entries });

  const failure = { stepName: "a-1", error: { name: "RangeError", message: "no" } };
  const failures = events.filter(({ type }) => type === "attempt_errored");
  expect(failures).toMatchObject([{ ...failure, attempt: 1, retryDelayMs: 7 }, failure]);
  expect(failures[1]).not.toHaveProperty("retryDelayMs");
  expect(events.at(-1)).toEqual({
    instanceId: "a",
    eventId: events.length,
    timestamp: CREATED_AT + 11,
    type: "step_errored",
    stepName: "a-1",
  });
});

test("a step that started has the config on record, or the defaults that differ from nothing", () => {
  const configs = (entry: Fields): unknown =>
    fold({ ...started, entries: [entry] }).find(({ type }) => type === "step_started");
  const end = { type: "step_completed", step: "a-1", attempt: 1, output: 1 };

  expect(configs(end)).toMatchObject({ config: DEFAULT_STEP_CONFIG });
  expect(configs({ ...end, config: { timeout: 5 } })).toMatchObject({ config });
  expect(configs({ type: "attempt_started", step: "a-1", attempt: 1, config })).toMatchObject({
    config,
  });
});

test("what is in a step tells that the step has begun, in the attempt after the last failed one", () => {
  const inner = { type: "step_completed", step: "inner-1", in: "outer-1", attempt: 1, output: 1 };
  const entries = [
    inner,
    { type: "attempt_errored", step: "outer-1", attempt: 1, config, retryDelayMs: 0, error },
    { ...inner, step: "again-1" },
    { type: "step_completed", step: "outer-1", attempt: 2, output: 1 },
  ];

  expect(tell({ ...started, entries }).slice(3)).toEqual([
    "step_started outer-1",
    "attempt_started outer-1 1",
    "step_started inner-1",
    "attempt_started inner-1 1",
    "attempt_completed inner-1 1",
    "step_completed inner-1",
    "attempt_errored outer-1 1",
    "attempt_started outer-1 2",
    "step_started again-1",
    "attempt_started again-1 1",
    "attempt_completed again-1 1",
    "step_completed again-1",
    "attempt_completed outer-1 2",
    "step_completed outer-1",
  ]);
});

test("sleeps and waits are told as they are on record", () => {
  const entries = [
    { type: "sleep_started", step: "s-1", durationMs: 30 },
    { type: "sleep_completed", step: "s-1" },
    { type: "sleep_started", step: "u-1", until: CREATED_AT + 112 },
    { type: "sleep_errored", step: "p-1", error },
    { type: "wait_started", step: "w-1", eventType: "go", timeoutMs: 9 },
    { type: "wait_completed", step: "w-1", eventType: "go", receivedAt: 1 },
    { type: "wait_timed_out", step: "v-1", timeoutMs: 9 },
  ];

  expect(fold({ ...started, entries }).slice(3)).toMatchObject([
    { type: "sleep_started", stepName: "s-1", durationMs: 30 },
    { type: "sleep_completed", stepName: "s-1" },
    { type: "sleep_started", stepName: "u-1", durationMs: 100 },
    { type: "wait_started", stepName: "w-1", eventType: "go" },
    { type: "wait_completed", stepName: "w-1" },
    { type: "wait_timed_out", stepName: "v-1" },
  ]);
});

test("an instance that waited runs again with the first entry that a worker writes", () => {
  const entries = [
    { type: "sleep_started", step: "s-1", durationMs: 30, waiting: true },
    { type: "sleep_completed", step: "s-1" },
    { type: "workflow_waiting" },
    { type: "workflow_paused" },
    { type: "workflow_resumed", pausedMs: 1 },
    { type: "workflow_waiting" },
  ];

  expect(tell({ ...started, entries }).slice(3)).toEqual([
    "sleep_started s-1",
    "workflow_waiting",
    "workflow_running",
    "sleep_completed s-1",
    "workflow_waiting",
    "workflow_paused",
    "workflow_queued",
    "workflow_running",
    "workflow_waiting",
  ]);
});

test("a pause is asked for, and taken back or settled", () => {
  const entries = [
    { type: "workflow_waiting_for_pause" },
    { type: "step_completed", step: "a-1", attempt: 1, output: 1 },
    { type: "workflow_running" },
    { type: "workflow_waiting_for_pause" },
    { type: "workflow_paused" },
  ];

  expect(tell({ ...started, entries }).filter((text) => text.startsWith("workflow_"))).toEqual([
    ...RUNNING,
    "workflow_waiting_for_pause",
    "workflow_running",
    "workflow_waiting_for_pause",
    "workflow_paused",
  ]);
});

test("what came before the start is told before it", () => {
  const entries = [
    { type: "workflow_paused" },
    { type: "workflow_resumed", pausedMs: 1 },
    { type: "workflow_terminated" },
  ];

  const start = ["workflow_started", "workflow_running"];
  const early = ["workflow_queued", "workflow_paused", "workflow_queued"];
  expect(tell({ ...started, startedAfter: 2, entries })).toEqual([
    ...early,
    ...start,
    "workflow_terminated",
  ]);
  expect(tell({ entries })).toEqual([...early, "workflow_terminated"]);
});

test("the end has the value or the error", () => {
  const output = new Map([["k", 1n]]);
  const completed = fold({
    ...started,
    entries: [{ type: "workflow_completed" }],
    result: encodePayload(output),
  });
  const errored = fold({
    ...started,
    entries: [{ type: "workflow_errored" }],
    result: encodeError(new TypeError("bad")),
  });

  expect(completed.at(-1)).toMatchObject({ type: "workflow_completed", output });
  expect(errored.at(-1)).toMatchObject({ error: { name: "TypeError", message: "bad" } });
});

test("a step's output is the value, and of a sensitive one a placeholder", () => {
  const end = { type: "step_completed", step: "a-1", attempt: 1, output: "secret" };
  const outputOf = (entry: Fields): unknown => fold({ ...started, entries: [entry] }).at(-1);

  expect(outputOf(end)).toMatchObject({ output: "secret" });
  expect(outputOf({ ...end, sensitive: "output" })).toMatchObject({ output: "[REDACTED]" });
});

test("a rollback is told as its entries are, with what follows from them", () => {
  const entries = [
    { type: "step_started", step: "a-1", config },
    { type: "step_completed", step: "a-1", attempt: 1, output: 1 },
    { type: "rollback_started", error, totalSteps: 2 },
    { type: "rollback_step_started", step: "a-1", config },
    { type: "rollback_attempt_errored", step: "a-1", attempt: 1, config, retryDelayMs: 3, error },
    { type: "rollback_step_completed", step: "a-1", attempt: 2 },
    { type: "rollback_step_errored", step: "b-1", attempt: 1, error },
    { type: "rollback_errored", totalSteps: 2, completedSteps: 1 },
  ];

  expect(tell({ ...started, entries }).slice(3)).toEqual([
    "step_started a-1",
    "attempt_started a-1 1",
    "attempt_completed a-1 1",
    "step_completed a-1",
    "rollback_started",
    "rollback_step_started a-1",
    "rollback_attempt_started a-1 1",
    "rollback_attempt_errored a-1 1",
    "rollback_attempt_started a-1 2",
    "rollback_attempt_completed a-1 2",
    "rollback_step_completed a-1",
    "rollback_step_started b-1",
    "rollback_attempt_started b-1 1",
    "rollback_attempt_errored b-1 1",
    "rollback_step_errored b-1",
    "rollback_errored",
  ]);
});

test("after a restart ids go on from higher ones, and it starts anew", () => {
  const entries = [{ type: "workflow_restarted", lastId: 64 }];

  const events = fold({ startedAt: CREATED_AT + 50, startedAfter: 1, entries });

  expect(events.map(({ eventId, type }) => [eventId, type])).toEqual([
    [1, "workflow_queued"],
    [65, "workflow_queued"],
    [66, "workflow_started"],
    [67, "workflow_running"],
  ]);
});

test("what is kept behind something that was wiped has ids that nothing has had", () => {
  const entries = [
    { type: "sleep_completed", step: "s-1" },
    { type: "history_cut", lastId: 64 },
    { type: "sleep_completed", step: "s-2" },
    { type: "workflow_restarted", lastId: 64 },
  ];

  const events = fold({ startedAt: CREATED_AT + 50, startedAfter: 4, entries });

  expect(events.slice(3).map(({ eventId, type }) => [eventId, type])).toEqual([
    [4, "sleep_completed"],
    [65, "sleep_completed"],
    [66, "workflow_queued"],
    [67, "workflow_started"],
    [68, "workflow_running"],
  ]);
});

test("after a loss ids go on from higher ones than the lost entries can have had", () => {
  const entries = [{ type: "history_lost", known: 3, lost: 2 }, { type: "workflow_paused" }];

  const paused = fold({ ...started, entries }).at(-1);

  expect(paused).toMatchObject({ type: "workflow_paused", eventId: 4 * IDS_PER_ENTRY + 1 });
});

test("an entry or a field that is not known is of no concern", () => {
  const entries = [
    { type: "something_new", step: "a-1", lastId: 9 },
    { type: "anything" },
    { type: "race_settled", step: "r-1", winner: "x", cancelled: [] },
  ];

  expect(tell({ ...started, entries })).toEqual(RUNNING);
});

test("events that nobody wants are counted, and their values are not made", () => {
  const entries = [
    { type: "step_completed", step: "a-1", attempt: 1, output: { "$rich/9": [] } },
    { type: "workflow_paused" },
  ];
  const events = new InstanceEvents("a", (_, type) => type === "workflow_paused");

  expect(events.advance(partOf({ ...started, entries }))).toMatchObject([{ eventId: 8 }]);
});

test("a write with which an instance waits says so in its last entry, or in one of its own", () => {
  const wait = '{"type":"wait_started","step":"w-1"}';
  const end = '{"type":"step_completed","step":"a-1"}';

  expect(sayWaiting([end, wait])).toEqual([end, `${wait.slice(0, -1)},"waiting":true}`]);
  expect(sayWaiting([end])).toEqual([end, '{"type":"workflow_waiting"}']);
  expect(sayWaiting([])).toEqual(['{"type":"workflow_waiting"}']);
});

const STEPS = fc.constantFrom("a-1", "b-1", "c-1");
const PATHS = fc.option(
  fc.array(STEPS, { minLength: 1, maxLength: 20 }).map((names) => names.join("\u001f")),
  { nil: undefined, freq: 3 },
);
const ENTRIES = fc.array(
  fc
    .record({
      type: fc.constantFrom(
        ...INSTANCE_EVENT_TYPES,
        "workflow_resumed",
        "workflow_restarted",
        "history_cut",
        "history_lost",
        "race_settled",
        "sleep_errored",
        "unheard_of",
      ),
      step: STEPS,
      in: PATHS,
      attempt: fc.integer({ min: 1, max: 3 }),
      waiting: fc.option(fc.constant(true), { nil: undefined }),
      durationMs: fc.nat(),
      eventType: fc.constant("go"),
      output: fc.jsonValue(),
      error: fc.constant(error),
      cancelled: fc.array(STEPS.map((step) => `do:${step}`)),
      known: fc.nat(10),
      lastId: fc.nat(1_000),
    })
    .map(({ step, in: path, ...entry }): Fields => {
      const isOfStep = !/^workflow_|^history_|^rollback_[^sa]|^unheard/.test(entry.type);
      return isOfStep ? { ...entry, step, ...(path !== undefined && { in: path }) } : entry;
    }),
  { maxLength: 30 },
);
const STARTS = fc.record({ startedAt: fc.constant(CREATED_AT + 5), startedAfter: fc.nat(5) });

test("told in parts, a history gives the same events as told at once; ids grow, and never by too much", () => {
  fc.assert(
    fc.property(ENTRIES, STARTS, fc.array(fc.nat(30)), (entries, start, cuts) => {
      const whole = partOf({ ...start, entries, result: "1" });
      const bounds = [0, ...cuts.toSorted((a, b) => a - b), entries.length];
      const inParts = new InstanceEvents("a");

      const told = bounds.flatMap((from, index) =>
        inParts.advance({
          ...whole,
          entries: whole.entries.slice(from, bounds[index + 1] ?? from),
        }),
      );

      expect(told).toEqual(new InstanceEvents("a").advance(whole));
      const ids = told.map(({ eventId }) => eventId);
      expect(ids.every((id, index) => id > (ids[index - 1] ?? 0))).toBe(true);
      expect(told.length).toBeLessThan(IDS_PER_ENTRY * (entries.length + 1));
      if (!entries.some(({ type }) => /restarted|cut|lost/.test(type))) {
        expect(ids).toEqual(ids.map((_, index) => index + 1));
      }
    }),
  );
});

test("a longer history only adds to the end, and a cursor leaves out what it is past", () => {
  fc.assert(
    fc.property(ENTRIES, STARTS, fc.nat(30), fc.nat(40), (entries, start, length, cursor) => {
      const whole = partOf({ ...start, entries, result: "1" });
      // Who reads before the start has read no entry after it.
      const isBefore = length < start.startedAfter;
      const { startedAt: _, ...unstarted } = whole;
      const prefix = { ...(isBefore ? unstarted : whole), entries: whole.entries.slice(0, length) };

      const before = new InstanceEvents("a").advance(prefix);
      const all = new InstanceEvents("a").advance(whole);
      const rest = new InstanceEvents("a", (id) => id > cursor).advance(whole);

      expect(all.slice(0, before.length)).toEqual(before);
      expect(rest).toEqual(all.filter(({ eventId }) => eventId > cursor));
    }),
  );
});

test("a start that a lost restart was put back behind is told the same, however it is read", () => {
  const entries = [
    { type: "workflow_restarted", lastId: 32 },
    { type: "step_completed", step: "a-1", call: 1, attempt: 1 },
  ];
  const whole = partOf({ ...started, entries });
  const [restart, step] = whole.entries;
  const { params: _, ...later } = whole;
  const inParts = new InstanceEvents("a");

  const told = [
    ...inParts.advance({ ...whole, entries: restart ? [restart] : [] }),
    ...inParts.advance({ ...later, entries: step ? [step] : [] }),
  ];

  expect(told).toEqual(new InstanceEvents("a").advance(whole));
});

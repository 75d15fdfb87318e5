/**
 * The fold over a history: what is known of every step of an instance, and in what order steps settled.
 *
 * It grows entry by entry, so that the cost of a step does not depend on the steps before it (I11). A
 * pause shifts every timer that was running by its length (I5); the shift is kept as one number.
 */
import type {
  HistoryEntry,
  PayloadJson,
  RollbackStepEntry,
  StepEntry,
  StepReference,
  StreamReference,
} from "./history.ts";
import { toStepKey, toStepPath } from "./step-key.ts";
import type { StepKey, StepKind, StepPath } from "./step-key.ts";
import type { ResolvedStepConfig } from "./step-config.ts";

/** How a step ended. */
export type Settlement =
  | { readonly type: "value"; readonly json: PayloadJson }
  | { readonly type: "stream"; readonly stream: StreamReference; readonly step: string }
  | { readonly type: "error"; readonly json: PayloadJson }
  | { readonly type: "elapsed" }
  | { readonly type: "timed_out"; readonly timeoutMs: number }
  | {
      readonly type: "event";
      readonly eventType: string;
      readonly receivedAt: number;
      readonly payload?: PayloadJson;
    }
  | { readonly type: "won"; readonly winner: string }
  /** Lost a race: it never settles for the code that awaits it. */
  | { readonly type: "cancelled" };

/** What is known of one step. */
export interface StepState {
  readonly key: StepKey;
  readonly call: number | undefined;
  readonly in: StepPath | undefined;
  /** The last attempt that is on record. */
  attempt: number;
  /** Whether that attempt is on record as begun but not as ended. */
  isAttemptOpen: boolean;
  config: ResolvedStepConfig | undefined;
  /** It has started with a rollback. */
  isUndoable: boolean;
  /** The JSON of the error of the last failed attempt. */
  lastError: PayloadJson;
  /** When its retry, sleep or timeout is due, before the pauses since, see {@link Timeline.dueAt}. */
  dueAt: number | undefined;
  /** The pauses, in ms, that had passed when `dueAt` was set. */
  shiftBefore: number;
  eventType: string | undefined;
  timeoutMs: number;
  settlement: Settlement | undefined;
  /** Its place in {@link Timeline.settled}. */
  order: number | undefined;
}

/** Where the rollbacks of steps settle, apart from steps. No path is like it. */
export const ROLLBACKS: StepPath = "\u001f";

export class Timeline {
  readonly steps: Map<StepKey, StepState> = new Map();
  /** Steps called at the top level of `run()`, by the number of their call. */
  readonly calls: Map<number, StepKey> = new Map();
  /** Keys in the order in which they settled (I6). */
  readonly settled: StepKey[] = [];
  /** The same, by the step in which they were called; `undefined` for `run()` itself. */
  readonly #settledIn = new Map<StepPath | undefined, StepKey[]>();
  /** Steps with a rollback that have started, in that order. */
  readonly undoable: StepKey[] = [];
  /** Whether its steps are to be rolled back, and nothing else can happen to it any more. */
  isRollingBack = false;
  /** What set the rollback off, once it has started. */
  rollbackTrigger: { readonly error: PayloadJson } | undefined;
  /** The rollback was asked for from outside, to terminate the instance. */
  isTerminating = false;
  /** The steps whose result is a stream. */
  readonly streams: StepState[] = [];
  /** The highest number of a call of `run`, and of one inside a step, that is on record. */
  lastCall = 0;
  lastInside = 0;
  /** How many entries were folded. */
  length = 0;
  #pausedMs = 0;

  /** Keys called in this step, or in `run()` itself, as they settled. The list grows with the timeline. */
  settledIn(path: StepPath | undefined): readonly StepKey[] {
    return this.#listOf(path);
  }

  apply(entry: HistoryEntry, at: number): void {
    this.length++;
    if (isStepEntry(entry)) this.#applyStep(entry, at);
    else this.#applyWhole(entry);
  }

  /** When the step's timer is due, pauses included; `undefined` if it has none. */
  dueAt(state: StepState): number | undefined {
    if (state.dueAt === undefined) return undefined;
    return state.dueAt + this.#pausedMs - state.shiftBefore;
  }

  #applyWhole(entry: Exclude<HistoryEntry, AnyStepEntry>): void {
    switch (entry.type) {
      case "workflow_resumed":
        this.#pausedMs += entry.pausedMs;
        return;
      case "rollback_requested":
        this.isRollingBack = this.isTerminating = true;
        return;
      case "rollback_started":
        this.isRollingBack = true;
        this.rollbackTrigger = { error: entry.error };
        return;
      default:
        return;
    }
  }

  #applyStep(entry: AnyStepEntry, at: number): void {
    const state = this.#stateOf(entry);
    switch (entry.type) {
      case "step_started":
        state.config = entry.config;
        state.isUndoable = true;
        this.undoable.push(state.key);
        return;
      case "rollback_step_started":
        state.config = entry.config;
        return;
      case "attempt_started":
      case "rollback_attempt_started":
        state.attempt = entry.attempt;
        state.isAttemptOpen = true;
        state.config = entry.config;
        // That of the attempt before: the next retry has none until this attempt's end is on record.
        state.dueAt = undefined;
        return;
      case "attempt_errored":
      case "rollback_attempt_errored":
        state.attempt = entry.attempt;
        state.isAttemptOpen = false;
        state.config = entry.config;
        state.lastError = entry.error;
        return this.#setTimer(state, at + entry.retryDelayMs);
      case "sleep_started":
        return this.#setTimer(state, "until" in entry ? entry.until : at + entry.durationMs);
      case "wait_started":
        state.eventType = entry.eventType;
        state.timeoutMs = entry.timeoutMs;
        return this.#setTimer(state, at + entry.timeoutMs);
      case "race_settled":
        for (const key of entry.cancelled) this.#cancel(key);
        return this.#settle(state, { type: "won", winner: entry.winner });
      default:
        if ("attempt" in entry) state.attempt = entry.attempt;
        if ("stream" in entry) this.streams.push(state);
        return this.#settle(state, settlementOf(entry));
    }
  }

  #stateOf(entry: AnyStepEntry): StepState {
    const kind = kindOf(entry);
    const key = toStepKey(kind, toStepPath(entry.in, entry.step));
    const known = this.steps.get(key);
    if (known) return known;
    const reference: StepReference = entry;
    const state = newStepState(key, kind === "rollback" ? { in: ROLLBACKS } : reference);
    this.steps.set(key, state);
    if (state.call !== undefined) {
      this.calls.set(state.call, key);
      this.lastCall = Math.max(this.lastCall, state.call);
    }
    if (entry.after) this.lastInside = Math.max(this.lastInside, entry.after[1]);
    return state;
  }

  #setTimer(state: StepState, dueAt: number): void {
    state.dueAt = dueAt;
    state.shiftBefore = this.#pausedMs;
  }

  #settle(state: StepState, settlement: Settlement): void {
    state.isAttemptOpen = false;
    state.dueAt = undefined;
    state.settlement = settlement;
    state.order = this.settled.push(state.key) - 1;
    this.#listOf(state.in).push(state.key);
  }

  #listOf(path: StepPath | undefined): StepKey[] {
    const list = this.#settledIn.get(path) ?? [];
    this.#settledIn.set(path, list);
    return list;
  }

  /** A cancelled step is never released, so it stays out of the order of settling. */
  #cancel(key: StepKey): void {
    const state = this.steps.get(key) ?? newStepState(key, {});
    if (state.settlement) return;
    state.settlement = { type: "cancelled" };
    state.dueAt = undefined;
    this.steps.set(key, state);
  }
}

function newStepState(key: StepKey, reference: Partial<StepReference>): StepState {
  return {
    key,
    call: reference.call,
    in: reference.in,
    attempt: 0,
    isAttemptOpen: false,
    config: undefined,
    isUndoable: false,
    lastError: undefined,
    dueAt: undefined,
    shiftBefore: 0,
    eventType: undefined,
    timeoutMs: 0,
    settlement: undefined,
    order: undefined,
  };
}

type AnyStepEntry = StepEntry | RollbackStepEntry;

function isStepEntry(entry: HistoryEntry): entry is AnyStepEntry {
  return "step" in entry;
}

function kindOf(entry: AnyStepEntry): StepKind {
  switch (entry.type) {
    case "rollback_step_started":
    case "rollback_attempt_started":
    case "rollback_attempt_errored":
    case "rollback_step_completed":
    case "rollback_step_errored":
      return "rollback";
    case "sleep_started":
    case "sleep_completed":
    case "sleep_errored":
      return "sleep";
    case "wait_started":
    case "wait_completed":
    case "wait_errored":
    case "wait_timed_out":
      return "wait";
    case "race_settled":
      return "race";
    default:
      return "do";
  }
}

type SettlingEntry = Extract<
  AnyStepEntry,
  {
    type:
      | "rollback_step_completed"
      | "rollback_step_errored"
      | "step_completed"
      | "step_errored"
      | "sleep_completed"
      | "sleep_errored"
      | "wait_completed"
      | "wait_errored"
      | "wait_timed_out";
  }
>;

function settlementOf(entry: SettlingEntry): Settlement {
  switch (entry.type) {
    case "step_completed":
      return entry.stream
        ? { type: "stream", stream: entry.stream, step: entry.step }
        : { type: "value", json: entry.output };
    case "step_errored":
    case "sleep_errored":
    case "rollback_step_errored":
      return { type: "error", json: entry.error };
    case "sleep_completed":
    case "rollback_step_completed":
      return { type: "elapsed" };
    case "wait_timed_out":
      return { type: "timed_out", timeoutMs: entry.timeoutMs };
    case "wait_completed":
      return {
        type: "event",
        eventType: entry.eventType,
        receivedAt: entry.receivedAt,
        ...payloadOf(entry),
      };
    case "wait_errored":
      return { type: "error", json: JSON.parse(entry.refusal) };
  }
}

/** What the wait's schema made of it counts, if there is that. */
function payloadOf(entry: Extract<StepEntry, { type: "wait_completed" }>): {
  readonly payload?: PayloadJson;
} {
  if (entry.validated !== undefined) return { payload: JSON.parse(entry.validated) as PayloadJson };
  return "payload" in entry ? { payload: entry.payload } : {};
}

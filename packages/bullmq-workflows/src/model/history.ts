/**
 * The history of an instance: what happened, in the order in which it was settled.
 *
 * It is only ever appended to; status pages, timelines, replay and debugging are folds over it. The
 * entry types are the words of Cloudflare's event stream. A value inside an entry is kept as the JSON
 * of its payload, so that one `JSON.parse` reads the entry and nothing is escaped twice.
 *
 * If you add a type, also fold it in `timeline.ts` and describe it in docs/history.md.
 */
import type { Barrier } from "./barrier.ts";
import type { Payload } from "./payload.ts";
import type { ResolvedStepConfig, WorkflowStepSensitivity } from "./step-config.ts";
import type { StepKey, StepPath } from "./step-key.ts";

/** Which step an entry is about. */
export interface StepReference {
  /** Display name, `<name>-<count>`. */
  readonly step: string;
  /** The how-manieth step call of the run it was, from 1; absent for a step inside another step. */
  readonly call?: number;
  /** The step in whose callback it was called. */
  readonly in?: StepPath;
  /**
   * Of a step inside another step: how many steps `run` had called when it was called, and the how-manieth
   * call inside steps it was.
   */
  readonly after?: readonly [calls: number, inside: number];
  /** With this entry the instance became `waiting`. */
  readonly waiting?: true;
}

/** The parsed JSON of a payload that has not been turned back into a value yet. */
export type PayloadJson = unknown;

/** A step's result that is a stream: where its bytes are, and how they look to observers. */
export interface StreamReference {
  /** Names its chunks among those of the instance: the fence of the claim that wrote them, and a number. */
  readonly id: string;
  /** Chunks in the store. */
  readonly chunks: number;
  /** Bytes of all chunks together. */
  readonly bytes: number;
  /** The beginning as text, or that it is none. Absent for a sensitive step. */
  readonly preview?: string;
}

/** How a `do` ended that has a result. */
export type CompletedStep = StepReference & {
  readonly type: "step_completed";
  readonly attempt: number;
  /** Its output is for the workflow's code alone, see `observed-output.ts`. */
  readonly sensitive?: WorkflowStepSensitivity;
  /** What differs from the defaults, if no entry before has said it. */
  readonly config?: Partial<ResolvedStepConfig>;
  /** The barrier that its step asks for: not released before that holds, whoever finds it on record. */
  readonly durability?: Barrier;
} & (
    | { readonly output: PayloadJson; readonly stream?: undefined }
    | { readonly stream: StreamReference; readonly output?: undefined }
  );

export type StepEntry = CompletedStep | (StepReference & OtherStepEntry);

type OtherStepEntry =
  /** Of a step that has a rollback only, before its callback runs: from then on it has to be undone. */
  | { readonly type: "step_started"; readonly config: ResolvedStepConfig }
  | {
      readonly type: "attempt_started";
      readonly attempt: number;
      readonly config: ResolvedStepConfig;
    }
  | {
      readonly type: "attempt_errored";
      readonly attempt: number;
      readonly config: ResolvedStepConfig;
      /** The next attempt starts this long after the entry. */
      readonly retryDelayMs: number;
      readonly error: PayloadJson;
    }
  | {
      readonly type: "step_errored";
      readonly attempt: number;
      /** As in {@link CompletedStep}. */
      readonly config?: Partial<ResolvedStepConfig>;
      readonly durability?: Barrier;
      readonly error: PayloadJson;
    }
  | { readonly type: "sleep_started"; readonly durationMs: number }
  | { readonly type: "sleep_started"; readonly until: number }
  | { readonly type: "sleep_completed" }
  | { readonly type: "sleep_errored"; readonly error: PayloadJson }
  | { readonly type: "wait_started"; readonly eventType: string; readonly timeoutMs: number }
  | {
      readonly type: "wait_completed";
      readonly eventType: string;
      /** When the event was received. */
      readonly receivedAt: number;
      /** What the wait's schema made of the payload, if that is another value. */
      readonly validated?: Payload;
      /** Absent when the event had none. */
      readonly payload?: PayloadJson;
    }
  | {
      /** The wait's schema refused the event that it took. */
      readonly type: "wait_errored";
      readonly eventType: string;
      readonly receivedAt: number;
      readonly refusal: Payload;
      readonly payload?: PayloadJson;
    }
  | { readonly type: "wait_timed_out"; readonly timeoutMs: number }
  | {
      readonly type: "race_settled";
      /** The name its branch was given. */
      readonly winner: string;
      /** The steps that lost; they never settle and take nothing any more. */
      readonly cancelled: readonly StepKey[];
    };

/** Of the rollback of one step, which it is named after. */
export type RollbackStepEntry = StepReference &
  (
    | { readonly type: "rollback_step_started"; readonly config: ResolvedStepConfig }
    | {
        readonly type: "rollback_attempt_started";
        readonly attempt: number;
        readonly config: ResolvedStepConfig;
      }
    | {
        readonly type: "rollback_attempt_errored";
        readonly attempt: number;
        readonly config: ResolvedStepConfig;
        /** The next attempt starts this long after the entry. */
        readonly retryDelayMs: number;
        readonly error: PayloadJson;
      }
    | { readonly type: "rollback_step_completed"; readonly attempt: number }
    | {
        readonly type: "rollback_step_errored";
        readonly attempt: number;
        readonly error: PayloadJson;
      }
  );

/** Of the rollback as a whole. */
type RollbackEntry =
  /** From outside: the instance is to be terminated once its steps were rolled back. */
  | { readonly type: "rollback_requested" }
  | {
      readonly type: "rollback_started";
      /** What set it off, and what a failed instance ends with. */
      readonly error: PayloadJson;
      /** How many steps have to be rolled back. */
      readonly totalSteps: number;
    }
  | {
      readonly type: "rollback_completed";
      readonly totalSteps: number;
      readonly completedSteps: number;
    }
  | {
      readonly type: "rollback_errored";
      readonly totalSteps: number;
      readonly completedSteps: number;
      /** What the step ended with that could not be rolled back. */
      readonly error: PayloadJson;
    };

/** What the store itself records of the instance as a whole. */
type InstanceEntry =
  /** It became `waiting` in a write without an entry that could say so. */
  | { readonly type: "workflow_waiting" }
  /** A worker has heard that it is to pause … */
  | { readonly type: "workflow_waiting_for_pause" }
  /** … or that it is not to any more. */
  | { readonly type: "workflow_running" }
  | { readonly type: "workflow_paused" }
  | { readonly type: "workflow_resumed"; readonly pausedMs: number }
  | { readonly type: "workflow_completed" }
  | { readonly type: "workflow_errored" }
  | { readonly type: "workflow_terminated" }
  /** What was on record is wiped. Whoever knew it was told of no event with a higher id. */
  | { readonly type: "workflow_restarted"; readonly lastId: number }
  /** After a restart from a step: what was here is wiped, what follows is kept, and has other ids than before. */
  | { readonly type: "history_cut"; readonly lastId: number }
  /** The store had lost entries that somebody knew, and could not get them back: it was paused. */
  | { readonly type: "history_lost"; readonly known: number; readonly lost: number };

export type HistoryEntry = StepEntry | RollbackStepEntry | RollbackEntry | InstanceEntry;

/** Which field of an entry holds a payload. */
type PayloadField = "output" | "error" | "payload";

/** The JSON text of an entry. The payload goes in as it is, without being parsed and printed again. */
export function encodeEntry(
  entry: Readonly<Record<string, unknown>> & { readonly type: HistoryEntry["type"] },
  field?: PayloadField,
  payload?: Payload,
): string {
  const text = JSON.stringify(entry);
  if (field === undefined || payload === undefined) return text;
  return `${text.slice(0, -1)},"${field}":${payload}}`;
}

export function decodeEntry(text: string): HistoryEntry {
  return JSON.parse(text) as HistoryEntry;
}

/** Whether an entry says nothing of steps, nor that entries of steps follow. */
export function isAboutInstance(text: string): boolean {
  return text.startsWith('{"type":"workflow_') || text.startsWith('{"type":"history_lost"');
}

/** Whether the entry may have been written by others than the worker that runs the instance. */
export function isFromOutside(text: string): boolean {
  return isAboutInstance(text) || text.startsWith('{"type":"rollback_requested"');
}

/** Whether an instance with this entry rolls back from then on. */
export function beginsRollback(text: string): boolean {
  return (
    text.startsWith('{"type":"rollback_started"') || text.startsWith('{"type":"rollback_requested"')
  );
}

/** Whether every step was rolled back that had to be. */
export type RollbackOutcome =
  | { readonly outcome: "complete" }
  /** `error` is what the first step ended with that could not be; those before it were not tried. */
  | { readonly outcome: "failed"; readonly error: Payload };

/** What the last entry of a rollback says of it. */
export function rollbackOutcomeOf(text: string): RollbackOutcome {
  const entry = decodeEntry(text);
  if (entry.type !== "rollback_errored") return { outcome: "complete" };
  return { outcome: "failed", error: JSON.stringify(entry.error) };
}

const COMPLETED_STREAM = '{"type":"step_completed","stream":';

/** The stream that an entry refers to. */
export function streamOf(text: string): StreamReference | undefined {
  if (!text.startsWith(COMPLETED_STREAM)) return undefined;
  return (JSON.parse(text) as CompletedStep).stream;
}

const WAITING = '{"type":"workflow_waiting"}';

/** Most suspensions begin a sleep, a wait or the delay of a retry in the same write. */
const MAY_SAY_WAITING = /^\{"type":"(?:sleep_started|wait_started|(?:rollback_)?attempt_errored)"/;

/**
 * The entries of a write with which the instance becomes `waiting`. As observers want to know but replays do
 * not, that takes no entry of its own where the last one can say it.
 */
export function sayWaiting(entries: readonly string[]): readonly string[] {
  const last = entries.at(-1);
  if (last === undefined || !MAY_SAY_WAITING.test(last)) return [...entries, WAITING];
  return entries.with(entries.length - 1, `${last.slice(0, -1)},"waiting":true}`);
}

/** What begins an entry that has taken an event. Further payloads in it are texts in quotes. */
const TAKING = ['{"type":"wait_completed",', '{"type":"wait_errored",'];

/** The event that an entry handed to a wait, with its payload as it was sent. */
export function consumedEventOf(
  text: string,
): { readonly at: number; readonly type: string; readonly payload?: Payload } | undefined {
  if (!TAKING.some((start) => text.startsWith(start))) return undefined;
  const { payload, ...rest } = JSON.parse(text) as Extract<StepEntry, { receivedAt: number }>;
  const event = { at: rest.receivedAt, type: rest.eventType };
  if (payload === undefined) return event;
  // It comes last, and printing it again might not give the same text.
  const start = encodeEntry(rest).length + ',"payload":'.length - 1;
  return { ...event, payload: text.slice(start, -1) };
}

/**
 * A history entry as observers may see it: its plain facts as they are on record, its values decoded, what is
 * sensitive hidden. A field that is not known here is not shown, as nobody knows what it says.
 */
import type { CompletedStep, PayloadJson } from "./history.ts";
import type { ObservedValues } from "./observed-values.ts";
import type { Payload } from "./payload.ts";

/** What an entry says; its further fields are those of docs/history.md. */
export interface ObservedEntry {
  /** Its place, from 1. */
  readonly index: number;
  /** When it was recorded: epoch milliseconds of the store's clock. */
  readonly timestamp: number;
  readonly type: string;
  readonly [fact: string]: unknown;
}

interface RecordedEntry {
  readonly index: number;
  readonly at: number;
  readonly text: string;
  /** The output or error of an instance, which is kept beside the entry that says that it ended. */
  readonly result: Payload | undefined;
}

interface Recorded {
  readonly type: string;
  readonly error?: PayloadJson;
  readonly refusal?: Payload;
  readonly payload?: PayloadJson;
  readonly validated?: Payload;
  readonly [fact: string]: unknown;
}

/** What says nothing that has to be decoded or hidden. */
const PLAIN_FACTS = [
  "step",
  "call",
  "in",
  "after",
  "attempt",
  "config",
  "sensitive",
  "retryDelayMs",
  "durationMs",
  "until",
  "waiting",
  "eventType",
  "receivedAt",
  "timeoutMs",
  "winner",
  "cancelled",
  "totalSteps",
  "completedSteps",
  "pausedMs",
  "lastId",
  "known",
  "lost",
] as const;

export function observeEntry(
  { index, at, text, result }: RecordedEntry,
  values: ObservedValues,
): ObservedEntry {
  const entry = JSON.parse(text) as Recorded;
  const plain = PLAIN_FACTS.filter((fact) => entry[fact] !== undefined);
  return {
    index,
    timestamp: at,
    type: entry.type,
    ...Object.fromEntries(plain.map((fact) => [fact, entry[fact]])),
    ...valuesOf(entry, values),
    ...resultOf(entry, result, values),
  };
}

function valuesOf(entry: Recorded, values: ObservedValues): object {
  const { type, error, refusal, payload, validated } = entry;
  if (type === "step_completed") return outputOf(entry as unknown as CompletedStep, values);
  const ofError = type.includes("attempt_") ? values.ofAttempt : values.ofError;
  return {
    ...(error !== undefined && { error: ofError(error) }),
    ...(refusal !== undefined && { error: values.ofError(JSON.parse(refusal)) }),
    ...(payload !== undefined && { payload: values.ofPayload(JSON.stringify(payload)) }),
    ...(validated !== undefined && { validated: values.ofPayload(validated) }),
  };
}

function outputOf(entry: CompletedStep, values: ObservedValues): object {
  const output = values.ofStep(entry);
  const isOpen = entry.sensitive === undefined;
  return {
    ...(output !== undefined && { output }),
    ...(isOpen && entry.stream && { stream: { bytes: entry.stream.bytes } }),
  };
}

function resultOf({ type }: Recorded, result: Payload | undefined, values: ObservedValues): object {
  if (result === undefined) return {};
  if (type === "workflow_errored") return { error: values.ofError(JSON.parse(result)) };
  if (type !== "workflow_completed") return {};
  const output = values.ofPayload(result);
  return output === undefined ? {} : { output };
}

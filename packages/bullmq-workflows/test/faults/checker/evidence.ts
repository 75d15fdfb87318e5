/** What a scenario leaves behind, and what the checker makes of it. Everything here is pure. */
import { decodeEntry } from "../../../src/model/history.ts";
import type { HistoryEntry } from "../../../src/model/history.ts";
import type { InstanceStatus } from "../../../src/model/status.ts";
import type { Line } from "../ledger.ts";

/** An instance as the store has it in the end. */
export interface StoredInstance {
  readonly status: InstanceStatus;
  readonly output?: unknown;
  readonly history: readonly StoredEntry[];
}

interface StoredEntry {
  /** By Redis's clock. */
  readonly at: number;
  readonly text: string;
}

/** What the workload meant an instance to do. */
export interface Expectation {
  readonly end: "complete" | "errored" | "terminated";
  readonly napMs: number;
  readonly isPaused: boolean;
  /** Events sent and awaited, per type. */
  readonly events: Readonly<Record<string, number>>;
}

export interface Bounds {
  readonly leaseMs: number;
  /** An instance whose worker died is running again. */
  readonly recoveryMs: number;
  /** A worker whose Redis came back is itself again. */
  readonly reconnectMs: number;
}

export interface Evidence {
  /** In the order in which it happened. */
  readonly lines: readonly Line[];
  /** What every instance that was asked for was to do. */
  readonly expected: ReadonlyMap<string, Expectation>;
  readonly stored: ReadonlyMap<string, StoredInstance>;
  /** Keys, jobs and places that should be gone, and inconsistencies. */
  readonly leftovers: readonly string[];
  readonly bounds: Bounds;
  /** Whether this Redis does not promise to keep what it acknowledged, under these faults. */
  readonly mayLose: boolean;
}

export const VIOLATION_KINDS = [
  "repeated_step",
  "changed_outcome",
  "recorded_twice",
  "lost_entry",
  "lost_instance",
  "lost_event",
  "wrong_value",
  "unstable_order",
  "unstable_race",
  "event_twice",
  "event_order",
  "early_timer",
  "stuck",
  "slow_recovery",
  "slow_reconnect",
  "illegal_status",
  "wrong_end",
  "worker_failed",
  "leftover",
] as const;

export type ViolationKind = (typeof VIOLATION_KINDS)[number];

export interface Finding {
  readonly kind: ViolationKind;
  /** Absent for what concerns no instance. */
  readonly instance?: string;
  readonly text: string;
  /** Whoever did it could not know better, and it came to nothing: see `unaware.ts`. */
  readonly isUnaware?: boolean;
}

/** How long something took that has a bound, in ms. */
export interface Measure {
  readonly what: "recovery" | "reconnect";
  readonly ms: number;
}

export interface Verdict {
  readonly violations: readonly Finding[];
  /** What a Redis lost that may lose, and what follows from it where the engine said so. */
  readonly losses: readonly Finding[];
  readonly measures: readonly Measure[];
}

/** An entry of a history, and the key of the step it settles if it does. */
export interface Settled {
  readonly key: string;
  readonly entry: HistoryEntry;
}

/** The steps of a history in the order in which they were settled. */
export function settledIn(texts: readonly string[]): readonly Settled[] {
  return texts.flatMap((text) => {
    const entry = decodeEntry(text);
    const key = settledKey(entry);
    return key === undefined ? [] : [{ key, entry }];
  });
}

function settledKey(entry: HistoryEntry): string | undefined {
  switch (entry.type) {
    case "step_completed":
    case "step_errored":
      return `do:${entry.step}`;
    case "sleep_completed":
    case "sleep_errored":
      return `sleep:${entry.step}`;
    case "wait_completed":
    case "wait_errored":
    case "wait_timed_out":
      return `wait:${entry.step}`;
    case "race_settled":
      return `race:${entry.step}`;
    default:
      return undefined;
  }
}

/** Lines by the instance they are about. */
export function groupByInstance<Some extends { readonly instance: string }>(
  lines: readonly Some[],
): ReadonlyMap<string, readonly Some[]> {
  return groupBy(lines, ({ instance }) => instance);
}

export function groupBy<Some>(
  lines: readonly Some[],
  keyOf: (line: Some) => string,
): ReadonlyMap<string, readonly Some[]> {
  const groups = new Map<string, Some[]>();
  for (const line of lines) {
    const group = groups.get(keyOf(line));
    if (group) group.push(line);
    else groups.set(keyOf(line), [line]);
  }
  return groups;
}

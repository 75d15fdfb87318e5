/** What can be found out afterwards: the ledger of executions, and what a history may say only once. */
import { readFileSync } from "node:fs";
import type { StoredEntry } from "../../../src/engine/ports/history.ts";
import { decodeEntry } from "../../../src/model/history.ts";
import type { HistoryEntry } from "../../../src/model/history.ts";

/** Stands before the name of a step whose rollback is meant. */
export const UNDO = "undo ";

/** One execution of a step's callback, or of its rollback. */
export interface Execution {
  readonly instanceId: string;
  /** Display name. */
  readonly step: string;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly execution: string;
  readonly at: number;
}

export type Recorded = HistoryEntry & { readonly at: number };

/** Both clocks are the machine's, and each drops what is below a millisecond. */
const CLOCK_GRAIN_MS = 1;

export function readLedger(path: string): readonly Execution[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Execution);
}

export function decodeHistory(history: readonly StoredEntry[]): readonly Recorded[] {
  return history.map(({ at, text }) => ({ ...decodeEntry(text), at }));
}

/** What is said more than once in a history that may be said only once. */
export function repetitionsIn(history: readonly HistoryEntry[]): readonly string[] {
  const marks = history.flatMap((entry) => marksOf(entry));
  return marks.filter((mark, index) => marks.indexOf(mark) !== index);
}

/** Executions of a step that began after its outcome was recorded (I1). */
export function lateExecutions(
  history: readonly Recorded[],
  executions: readonly Execution[],
): readonly Execution[] {
  const settledAt = new Map<string, number>();
  for (const entry of history) {
    if (entry.type === "step_completed" || entry.type === "step_errored")
      settledAt.set(entry.step, entry.at);
    if (entry.type === "rollback_step_completed" || entry.type === "rollback_step_errored")
      settledAt.set(`${UNDO}${entry.step}`, entry.at);
  }
  return executions.filter(({ step, at }) => {
    return at > (settledAt.get(step) ?? Infinity) + CLOCK_GRAIN_MS;
  });
}

/** How often each attempt was executed. */
export function countExecutions(executions: readonly Execution[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { instanceId, step, attempt } of executions) {
    const key = `${instanceId}/${step}, attempt ${attempt}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function marksOf(entry: HistoryEntry): string[] {
  switch (entry.type) {
    case "step_completed":
    case "step_errored":
      return [`end of do:${entry.step}`];
    case "sleep_completed":
    case "sleep_errored":
      return [`end of sleep:${entry.step}`];
    case "wait_completed":
    case "wait_errored":
    case "wait_timed_out":
      return [`end of wait:${entry.step}`];
    case "race_settled":
      return [`end of race:${entry.step}`, ...entry.cancelled.map((key) => `end of ${key}`)];
    case "rollback_step_completed":
    case "rollback_step_errored":
      return [`end of rollback:${entry.step}`];
    case "rollback_attempt_started":
    case "rollback_attempt_errored":
    case "attempt_started":
    case "attempt_errored":
      return [`${entry.type} ${entry.step} ${entry.attempt}`];
    case "step_started":
    case "rollback_step_started":
    case "sleep_started":
    case "wait_started":
      return [`${entry.type} ${entry.step}`];
    case "rollback_requested":
    case "rollback_started":
      return [entry.type];
    case "rollback_completed":
    case "rollback_errored":
      return ["end of the rollback"];
    case "workflow_completed":
    case "workflow_errored":
    case "workflow_terminated":
      return ["end"];
    case "workflow_paused":
    case "workflow_resumed":
    case "workflow_waiting":
    case "workflow_waiting_for_pause":
    case "workflow_running":
    case "workflow_restarted":
    case "history_cut":
    case "history_lost":
      return [];
  }
}

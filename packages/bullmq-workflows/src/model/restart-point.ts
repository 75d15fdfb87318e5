/**
 * What of a history is kept when an instance is restarted from a step: what began before it, as at
 * Cloudflare. Pure: the store carries it out.
 *
 * What was undone is not there any more, so a result of it must not be taken for one: then all that began
 * from the first step on that was undone is dropped as well, as if that were the step to begin anew from.
 *
 * Short steps leave one entry, when they end, so the order of entries is not the order in which steps
 * began. That is the order of their calls: `run` numbers its own, and a step inside another one has with it
 * how many of those there were before.
 */
import { decodeEntry, streamOf } from "./history.ts";
import type { HistoryEntry, StepEntry, StreamReference } from "./history.ts";
import { enclosingPaths, toStepKey, toStepPath } from "./step-key.ts";
import type { StepKey, StepKind } from "./step-key.ts";

/** The step to begin anew from. */
export interface RestartPoint {
  readonly name: string;
  /** The how-manieth of that name and type that began, from 1. */
  readonly count: number;
  readonly type: RestartType;
}

export type RestartType = "do" | "sleep" | "waitForEvent";

export const RESTART_TYPES: readonly RestartType[] = ["do", "sleep", "waitForEvent"];

interface DatedText {
  readonly at: number;
  readonly text: string;
}

/** What is kept of a history. */
export interface KeptHistory {
  /** So many entries from the first one on … */
  readonly prefix: number;
  /** … and then these. */
  readonly rest: readonly DatedText[];
  /** Nothing that is kept refers to these any more. */
  readonly droppedStreams: readonly StreamReference[];
}

/** Whose entries tell of a step that began. All others are about the instance, or about a rollback. */
const KINDS: Readonly<Partial<Record<HistoryEntry["type"], StepKind>>> = {
  step_started: "do",
  attempt_started: "do",
  attempt_errored: "do",
  step_completed: "do",
  step_errored: "do",
  sleep_started: "sleep",
  sleep_completed: "sleep",
  sleep_errored: "sleep",
  wait_started: "wait",
  wait_completed: "wait",
  wait_errored: "wait",
  wait_timed_out: "wait",
  race_settled: "race",
};

const SETTLING: ReadonlySet<HistoryEntry["type"]> = new Set([
  "step_completed",
  "step_errored",
  "sleep_completed",
  "sleep_errored",
  "wait_completed",
  "wait_errored",
  "wait_timed_out",
  "race_settled",
] as const);

interface Step {
  readonly key: StepKey;
  readonly kind: StepKind;
  /** Display name without the occurrence. */
  readonly name: string;
  /** Orders steps by their beginning: calls of `run` before it and of it, then calls inside steps. */
  readonly place: readonly [calls: number, inside: number];
  isSettled: boolean;
  /** The last attempt that has ended. */
  ended: number;
}

interface Line extends DatedText {
  readonly entry: StepEntry;
  readonly step: Step;
}

/** `undefined` when no such step began. */
export function keepBefore(
  history: readonly DatedText[],
  point: RestartPoint,
): KeptHistory | undefined {
  const { lines, steps, undone } = readHistory(history);
  const ordered = [...steps.values()].toSorted(byBeginning);
  const target = findTarget(ordered, point);
  if (!target) return undefined;
  const kept = new Set(
    ordered.slice(
      0,
      ordered.findIndex((step) => step === target || undone.has(step.key)),
    ),
  );
  settleCancelled(lines, kept, steps);
  const entries = history.map((dated, index) => keepEntry(lines.get(index), dated, kept));
  const changed = entries.findIndex((entry, index) => entry !== history[index]);
  const prefix = changed < 0 ? history.length : changed;
  return {
    prefix,
    rest: entries.slice(prefix).filter((entry) => entry !== undefined),
    droppedStreams: history.flatMap(({ text }, index) =>
      entries[index] ? [] : (streamOf(text) ?? []),
    ),
  };
}

function readHistory(history: readonly DatedText[]): {
  readonly lines: ReadonlyMap<number, Line>;
  readonly steps: ReadonlyMap<StepKey, Step>;
  /** Those that were rolled back; and those around them, without which they do not run again. */
  readonly undone: ReadonlySet<StepKey>;
} {
  const lines = new Map<number, Line>();
  const steps = new Map<StepKey, Step>();
  const undone = new Set<StepKey>();
  for (const [index, dated] of history.entries()) {
    const entry = decodeEntry(dated.text);
    if (entry.type === "rollback_step_completed") {
      const paths = enclosingPaths(toStepPath(entry.in, entry.step));
      for (const path of paths) undone.add(toStepKey("do", path));
    }
    const kind = KINDS[entry.type];
    if (kind === undefined) continue;
    const step = stepOf(entry as StepEntry, kind, steps);
    step.isSettled ||= SETTLING.has(entry.type);
    if (entry.type === "attempt_errored") step.ended = entry.attempt;
    lines.set(index, { ...dated, entry: entry as StepEntry, step });
  }
  return { lines, steps, undone };
}

function stepOf(entry: StepEntry, kind: StepKind, steps: Map<StepKey, Step>): Step {
  const key = toStepKey(kind, toStepPath(entry.in, entry.step));
  const known = steps.get(key);
  if (known) return known;
  const name = entry.step.replace(/-\d+$/, "");
  const place = entry.after ?? ([entry.call ?? Infinity, 0] as const);
  const step: Step = { key, kind, name, place, isSettled: false, ended: 0 };
  steps.set(key, step);
  return step;
}

/** Of two that have the same place, which a change of code may cause, the one on record first. */
function byBeginning(one: Step, other: Step): number {
  return one.place[0] - other.place[0] || one.place[1] - other.place[1];
}

function findTarget(
  ordered: readonly Step[],
  { name, count, type }: RestartPoint,
): Step | undefined {
  const kind = type === "waitForEvent" ? "wait" : type;
  return ordered.filter((step) => step.kind === kind && step.name === name)[count - 1];
}

/** What lost a race that is kept has lost it for good. */
function settleCancelled(
  lines: ReadonlyMap<number, Line>,
  kept: ReadonlySet<Step>,
  steps: ReadonlyMap<StepKey, Step>,
): void {
  for (const { entry, step } of lines.values()) {
    if (entry.type !== "race_settled" || !kept.has(step)) continue;
    for (const key of entry.cancelled) {
      const cancelled = steps.get(key);
      if (cancelled) cancelled.isSettled = true;
    }
  }
}

/**
 * The entry as it is kept, or nothing. Of a step that has not settled only failed attempts are: what was
 * under way was called off, and timers begin anew.
 */
function keepEntry(
  line: Line | undefined,
  dated: DatedText,
  kept: ReadonlySet<Step>,
): DatedText | undefined {
  if (!line || !kept.has(line.step)) return undefined;
  const { entry, step } = line;
  // A start on record: whatever came of it has to be undone if the run fails.
  if (step.isSettled || entry.type === "step_started") return dated;
  if (entry.type === "attempt_started") return entry.attempt <= step.ended ? dated : undefined;
  if (entry.type !== "attempt_errored") return undefined;
  if (entry.attempt < step.ended) return dated;
  return { at: dated.at, text: JSON.stringify({ ...entry, retryDelayMs: 0 }) };
}

/**
 * What the history of one generation of an instance says, folded apart from the engine's own fold, and
 * what must be true of every entry when it is appended.
 *
 * A generation ends with a restart. Old ones stay readable, because zombies still live in them.
 */
import type { StoredEntry } from "../../src/engine/ports/history.ts";
import { WorkflowTimeoutError } from "../../src/model/errors.ts";
import { decodeEntry } from "../../src/model/history.ts";
import type { HistoryEntry, RollbackStepEntry, StepEntry } from "../../src/model/history.ts";
import { reviveError } from "../../src/model/payload.ts";
import { RollbackFold } from "./rollback-fold.ts";
import type { Violations } from "./violations.ts";

export interface FoldedStep {
  /** The last attempt that is on record as ended. */
  attempt: number;
  /** The attempt that is on record as begun only. */
  openAttempt: number | undefined;
  /** When its timer is due, pauses until now included. */
  dueAt: number | undefined;
  eventType: string | undefined;
  isSettled: boolean;
}

interface AppendedEntry {
  readonly at: number;
  readonly text: string;
  /** A step inside another goes on when the next attempt of that one asks for it, maybe late. */
  readonly inside: string | undefined;
}

/** Which step it is, whatever the engine calls it inside. */
export interface StepName {
  readonly kind: string;
  readonly step: string;
  readonly in: string | undefined;
}

type AnyStepEntry = StepEntry | RollbackStepEntry;

export class RecordFold {
  readonly number: number;
  readonly #violations: Violations;
  readonly #steps = new Map<string, FoldedStep>();
  /** What user code may be told: tokens of all outcomes on record, see {@link tokenOf}. */
  readonly #tokens = new Set<string>();
  readonly rollback: RollbackFold;
  #pausedAt: number | undefined;
  #since = -Infinity;
  /** Event types of the waits that timed out in the last write, and when they were due. */
  timeouts: { readonly eventType: string; readonly dueAt: number }[] = [];
  /** The events that the last write handed to waits, by payload. */
  delivered: string[] = [];

  /** Timers settle at most this long after they are due. */
  readonly #latestMs: number;

  constructor(number: number, violations: Violations, latestMs: number) {
    this.number = number;
    this.#violations = violations;
    this.#latestMs = latestMs;
    this.rollback = new RollbackFold(violations);
  }

  step(name: StepName): FoldedStep | undefined {
    return this.#steps.get(keyOf(name));
  }

  hasToken(token: string): boolean {
    return this.#tokens.has(token);
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  append(entries: readonly StoredEntry[]): void {
    this.timeouts = [];
    this.delivered = [];
    for (const { at, text } of entries) {
      const entry = decodeEntry(text);
      this.rollback.append(entry, text);
      if ("step" in entry) this.#appendStep(entry, at, text);
      else this.#appendInstance(entry, at, text);
    }
  }

  #appendInstance(entry: Exclude<HistoryEntry, AnyStepEntry>, at: number, text: string): void {
    if (entry.type === "workflow_paused") {
      this.#violations.check(!this.isPaused, "I8", () => `paused twice: ${text}`);
      this.#pausedAt = at;
    }
    if (entry.type === "workflow_resumed") {
      const lengthMs = at - (this.#pausedAt ?? NaN);
      this.#violations.check(lengthMs === entry.pausedMs, "I5", () => `${text} lasted ${lengthMs}`);
      this.#pausedAt = undefined;
      for (const step of this.#steps.values()) if (step.dueAt !== undefined) step.dueAt += lengthMs;
    }
  }

  #appendStep(entry: AnyStepEntry, at: number, text: string): void {
    const key = keyOfEntry(entry);
    const step = this.#steps.get(key) ?? newStep();
    this.#steps.set(key, step);
    this.#violations.check(!step.isSettled, "I1", () => `${text} comes after its step has ended`);
    this.#checkAttempt(entry, step, text);
    switch (entry.type) {
      case "step_started":
      case "rollback_step_started":
        return;
      case "attempt_started":
      case "rollback_attempt_started":
        step.openAttempt = entry.attempt;
        return;
      case "attempt_errored":
      case "rollback_attempt_errored":
        step.attempt = entry.attempt;
        step.openAttempt = undefined;
        step.dueAt = at + entry.retryDelayMs;
        return;
      case "sleep_started":
        this.#since = at;
        step.dueAt = "until" in entry ? entry.until : at + entry.durationMs;
        return;
      case "wait_started":
        step.dueAt = at + entry.timeoutMs;
        step.eventType = entry.eventType;
        return;
      case "race_settled":
        this.#cancel(entry.cancelled);
        break;
      case "sleep_completed":
      case "wait_timed_out":
        this.#checkDue(step, { at, text, inside: entry.in });
        if (entry.type === "wait_timed_out" && step.eventType !== undefined)
          this.timeouts.push({ eventType: step.eventType, dueAt: step.dueAt ?? NaN });
        break;
      case "wait_completed":
        this.delivered.push(JSON.stringify(entry.payload));
        break;
      default:
        break;
    }
    step.isSettled = true;
    this.#tokens.add(tokenOf(entry));
  }

  #checkAttempt(entry: AnyStepEntry, step: FoldedStep, text: string): void {
    if (!("attempt" in entry)) return;
    const expected = step.openAttempt ?? step.attempt + 1;
    const isRight = entry.attempt === expected;
    this.#violations.check(isRight, "I1", () => `${text} instead of attempt ${expected}`);
  }

  #checkDue({ dueAt }: FoldedStep, entry: AppendedEntry): void {
    const { at, text, inside } = entry;
    const isRight = dueAt !== undefined && at >= dueAt && !this.isPaused;
    this.#violations.check(isRight, "I5", () => `${text} at ${at} is due at ${dueAt}`);
    if (inside !== undefined) return;
    const isLate = dueAt !== undefined && at - Math.max(dueAt, this.#since) > this.#latestMs;
    this.#violations.check(!isLate, "I5", () => `${text} at ${at} was due at ${dueAt}`);
  }

  #cancel(keys: readonly string[]): void {
    for (const key of keys) {
      const step = this.#steps.get(key) ?? newStep();
      this.#violations.check(!step.isSettled, "I1", () => `cancelled after it ended: ${key}`);
      step.isSettled = true;
      this.#steps.set(key, step);
    }
  }
}

/** What is the same in a recorded outcome and in what user code sees of it. */
export function tokenOfValue(value: unknown): string {
  const { run, e } = (value ?? {}) as { readonly run?: number; readonly e?: number };
  if (run !== undefined) return `run ${run}`;
  return e === undefined ? "elapsed" : `event ${e}`;
}

export function tokenOfError(error: unknown): string {
  return `error ${error instanceof Error ? error.message : String(error)}`;
}

function tokenOf(entry: AnyStepEntry): string {
  switch (entry.type) {
    case "step_completed":
      return tokenOfValue(entry.output);
    case "step_errored":
    case "sleep_errored":
      return tokenOfError(reviveError(entry.error));
    case "wait_completed":
      return tokenOfValue(entry.payload);
    case "wait_timed_out":
      return tokenOfError(new WorkflowTimeoutError("event.timed_out", entry.timeoutMs));
    default:
      return "elapsed";
  }
}

function newStep(): FoldedStep {
  return {
    attempt: 0,
    openAttempt: undefined,
    dueAt: undefined,
    eventType: undefined,
    isSettled: false,
  };
}

/** Whether a step whose attempts run a callback ends with it. */
export function isSettling({ type }: AnyStepEntry): boolean {
  return /^(rollback_)?step_(completed|errored)$/.test(type);
}

export function keyOfEntry(entry: AnyStepEntry): string {
  return keyOf({ kind: kindOf(entry), step: entry.step, in: entry.in });
}

export function keyOf({ kind, step, in: enclosing }: StepName): string {
  return enclosing === undefined ? `${kind}:${step}` : `${kind}:${enclosing}\u001f${step}`;
}

function kindOf(entry: AnyStepEntry): string {
  if (entry.type.startsWith("rollback")) return "rollback";
  if (entry.type.startsWith("sleep")) return "sleep";
  if (entry.type.startsWith("wait")) return "wait";
  return entry.type === "race_settled" ? "race" : "do";
}

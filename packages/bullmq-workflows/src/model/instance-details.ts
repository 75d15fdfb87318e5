/**
 * The steps of an instance as people look at them: what each did, when, in which attempts, and how it ended.
 *
 * A pure fold over the history. A step that did not last has only its end on record, so when it began is
 * told from what came before it: the entry ahead of its first one, or the delay after a failed attempt.
 * In code whose steps follow each other that is when it began; of parallel steps none began earlier.
 */
import { decodeEntry } from "./history.ts";
import type {
  HistoryEntry,
  PayloadJson,
  RollbackStepEntry,
  StepEntry,
  StepReference,
  StreamReference,
} from "./history.ts";
import type { NamedMessage } from "./error-folding.ts";
import { observedStream } from "./observed-output.ts";
import { observeValues } from "./observed-values.ts";
import type { ObservedValues } from "./observed-values.ts";
import { DEFAULT_STEP_CONFIG } from "./step-config.ts";
import type { ResolvedStepConfig } from "./step-config.ts";
import { enclosingPaths, lastNameOf, toStepPath } from "./step-key.ts";
import type { StepPath } from "./step-key.ts";

/** Instants are epoch milliseconds. What has not ended has no `end`. */
export interface AttemptDetails {
  readonly start: number;
  end?: number;
  error?: NamedMessage;
}

interface AnyStep {
  /** `<name>-<count>` */
  readonly name: string;
  /** The step in whose callback it was called. */
  readonly in: StepPath | undefined;
  readonly start: number;
  end?: number;
  error?: NamedMessage;
}

export interface DoDetails extends AnyStep {
  /** `rollback`: what undoes the step of that name. */
  readonly type: "step" | "rollback";
  config: ResolvedStepConfig;
  /** When the next attempt is due, while it is waited for. */
  retryAt?: number;
  /** Present when it has completed; what observers may see of it. */
  output?: { readonly value: unknown };
  /** Where the bytes of that output are, if it is a stream that observers may read. */
  stream?: StreamReference;
  readonly attempts: AttemptDetails[];
}

export interface SleepDetails extends AnyStep {
  readonly type: "sleep";
  /** When it is due to end, pauses so far included. */
  wakeAt: number;
}

export interface WaitDetails extends AnyStep {
  readonly type: "waitForEvent";
  readonly eventType: string;
  /** When it gives up, pauses so far included; absent if the event was there already. */
  timeoutAt?: number;
  event?: { readonly type: string; readonly timestamp: Date; readonly payload?: unknown };
}

export type StepDetails = DoDetails | SleepDetails | WaitDetails;

export interface InstanceDetails {
  /** In the order in which they began. */
  readonly steps: readonly StepDetails[];
  readonly terminatedAt?: number;
}

interface Part {
  /** When it was created or first ran: nothing began before. */
  readonly startedAt: number;
  readonly entries: readonly { readonly at: number; readonly text: string }[];
}

/** @param values what to show of what is on record. */
export function toInstanceDetails(
  { startedAt, entries }: Part,
  values: ObservedValues = observeValues(),
): InstanceDetails {
  const fold = new DetailsFold(startedAt, values);
  for (const { at, text } of entries) fold.apply(decodeEntry(text), at);
  return fold.details();
}

type WaitEntry = Exclude<
  StepEntry,
  { readonly attempt: number } | { readonly type: "step_started" }
>;

interface StartedAttempt extends StepReference {
  readonly attempt: number;
  readonly config: ResolvedStepConfig;
}

interface EndedAttempt extends StepReference {
  readonly attempt: number;
  readonly config?: Partial<ResolvedStepConfig>;
  readonly error?: PayloadJson;
}

interface FailedAttempt extends EndedAttempt {
  readonly retryDelayMs: number;
}

class DetailsFold {
  readonly #values: ObservedValues;
  readonly #steps = new Map<string, StepDetails>();
  #lastAt: number;
  #terminatedAt: number | undefined;

  constructor(startedAt: number, values: ObservedValues) {
    this.#lastAt = startedAt;
    this.#values = values;
  }

  details(): InstanceDetails {
    const steps = [...this.#steps.values()].toSorted((a, b) => a.start - b.start);
    return {
      steps,
      ...(this.#terminatedAt !== undefined && { terminatedAt: this.#terminatedAt }),
    };
  }

  apply(entry: HistoryEntry, at: number): void {
    // It has the instant of the entry after it.
    if (entry.type === "history_cut") return;
    if ("step" in entry) this.#applyStep(entry, at);
    else if (entry.type === "workflow_terminated") this.#terminatedAt = at;
    else if (entry.type === "workflow_resumed") this.#shiftTimers(entry.pausedMs);
    this.#lastAt = Math.max(this.#lastAt, at);
  }

  #applyStep(entry: StepEntry | RollbackStepEntry, at: number): void {
    if (isOfRollback(entry)) return this.#applyRollback(entry, at);
    this.#openAround(entry.in);
    switch (entry.type) {
      case "step_started":
        this.#doStep(entry, { start: at }).config = entry.config;
        return;
      case "attempt_started":
        return this.#startAttempt(entry, "step");
      case "attempt_errored":
        return this.#failAttempt(entry, "step", at);
      case "step_completed": {
        const step = this.#endAttempt(entry, "step", at);
        step.end = at;
        step.output = { value: this.#values.ofStep(entry) };
        const stream = observedStream(entry);
        if (stream) step.stream = stream;
        if (entry.sensitive) step.config = { ...step.config, sensitive: entry.sensitive };
        return;
      }
      case "step_errored":
        return this.#failStep(entry, "step", at);
      default:
        return this.#applyWait(entry, at);
    }
  }

  #applyRollback(entry: RollbackStepEntry, at: number): void {
    switch (entry.type) {
      case "rollback_step_started":
        this.#doStep(entry, { type: "rollback", start: at }).config = entry.config;
        return;
      case "rollback_attempt_started":
        return this.#startAttempt(entry, "rollback");
      case "rollback_attempt_errored":
        return this.#failAttempt(entry, "rollback", at);
      case "rollback_step_completed":
        this.#endAttempt(entry, "rollback", at).end = at;
        return;
      case "rollback_step_errored":
        return this.#failStep(entry, "rollback", at);
    }
  }

  #startAttempt(entry: StartedAttempt, type: DoDetails["type"]): void {
    const step = this.#doStep(entry, { type });
    step.config = entry.config;
    this.#attempt(step, entry.attempt);
  }

  #failAttempt(entry: FailedAttempt, type: DoDetails["type"], at: number): void {
    this.#endAttempt(entry, type, at).retryAt = at + entry.retryDelayMs;
  }

  #failStep(entry: EndedAttempt, type: DoDetails["type"], at: number): void {
    const step = this.#endAttempt(entry, type, at);
    step.end = at;
    step.error = this.#values.ofError(entry.error);
  }

  #applyWait(entry: WaitEntry, at: number): void {
    switch (entry.type) {
      case "sleep_started": {
        const wakeAt = "until" in entry ? entry.until : at + entry.durationMs;
        this.#add(entry, { type: "sleep", ...referenceOf(entry), start: at, wakeAt });
        return;
      }
      case "sleep_completed":
        return this.#end(this.#find(entry, "sleep"), at);
      case "sleep_errored":
        this.#add(entry, { type: "sleep", ...referenceOf(entry), start: at, wakeAt: at });
        return this.#end(this.#find(entry, "sleep"), at, this.#values.ofError(entry.error));
      case "wait_started": {
        const { eventType, timeoutMs } = entry;
        const times = { start: at, timeoutAt: at + timeoutMs };
        this.#add(entry, { type: "waitForEvent", ...referenceOf(entry), ...times, eventType });
        return;
      }
      case "wait_completed":
      case "wait_errored":
        return this.#receive(entry, at);
      case "wait_timed_out": {
        const message = `Execution timed out after ${entry.timeoutMs}ms`;
        const error = { name: "WorkflowTimeoutError", message };
        return this.#end(this.#find(entry, "waitForEvent"), at, error);
      }
      case "race_settled":
        // A step that lost ends with the race.
        for (const key of entry.cancelled) this.#end(this.#steps.get(toDetailsKey(key)), at);
    }
  }

  #receive(entry: Extract<StepEntry, { readonly receivedAt: number }>, at: number): void {
    const { eventType, receivedAt } = entry;
    const wait =
      this.#find(entry, "waitForEvent") ??
      // An event that was there already: the wait began and ended with this entry.
      this.#add(entry, {
        type: "waitForEvent",
        ...referenceOf(entry),
        start: this.#lastAt,
        eventType,
      });
    if (wait.type !== "waitForEvent") return;
    const payload = "payload" in entry && {
      payload: this.#values.ofPayload(JSON.stringify(entry.payload)),
    };
    wait.event = { ...payload, timestamp: new Date(receivedAt), type: eventType };
    // The schema of the wait has refused what it took.
    const isRefused = entry.type === "wait_errored";
    this.#end(wait, at, isRefused ? this.#values.ofError(JSON.parse(entry.refusal)) : undefined);
  }

  #end(step: StepDetails | undefined, at: number, error?: NamedMessage): void {
    if (!step || step.end !== undefined) return;
    step.end = at;
    if (error) step.error = error;
  }

  /** The attempt, begun if nothing said so before. */
  #attempt(step: DoDetails, attempt: number): AttemptDetails {
    const start = attempt === 1 ? step.start : Math.max(step.retryAt ?? 0, step.start);
    // One that crashed before it could say so has left no trace: it lasted no longer than this.
    while (step.attempts.length < attempt) step.attempts.push({ start });
    delete step.retryAt;
    return step.attempts[attempt - 1] ?? { start };
  }

  #endAttempt(entry: EndedAttempt, type: DoDetails["type"], at: number): DoDetails {
    const step = this.#doStep(entry, { type });
    if (entry.config) step.config = { ...step.config, ...entry.config };
    const last = this.#attempt(step, entry.attempt);
    last.end = at;
    if (entry.error !== undefined) last.error = this.#values.ofError(entry.error);
    return step;
  }

  #doStep(
    reference: StepReference,
    { type = "step", start = this.#lastAt }: Partial<Pick<DoDetails, "type" | "start">> = {},
  ): DoDetails {
    const known = this.#find(reference, type);
    if (known?.type === "step" || known?.type === "rollback") return known;
    const step: DoDetails = {
      type,
      ...referenceOf(reference),
      start,
      config: DEFAULT_STEP_CONFIG,
      attempts: [],
    };
    this.#add(reference, step);
    return step;
  }

  /** What is in a step says that the step is in an attempt, whether or not anything says so yet. */
  #openAround(path: StepPath | undefined): void {
    let enclosing: StepPath | undefined;
    for (const around of enclosingPaths(path)) {
      const step = this.#doStep({ step: lastNameOf(around), ...(enclosing && { in: enclosing }) });
      const isOpen = step.attempts.length > 0 && step.attempts.at(-1)?.end === undefined;
      if (!isOpen && step.end === undefined) this.#attempt(step, step.attempts.length + 1);
      enclosing = around;
    }
  }

  /** A resume makes every timer that runs later by as long as the pause took. */
  #shiftTimers(pausedMs: number): void {
    for (const step of this.#steps.values()) {
      if (step.end !== undefined) continue;
      if (step.type === "sleep") step.wakeAt += pausedMs;
      if (step.type === "waitForEvent" && step.timeoutAt) step.timeoutAt += pausedMs;
      if ("attempts" in step && step.retryAt !== undefined) step.retryAt += pausedMs;
    }
  }

  #find(reference: StepReference, type: StepDetails["type"]): StepDetails | undefined {
    return this.#steps.get(keyOf(reference, type));
  }

  #add(reference: StepReference, step: StepDetails): StepDetails {
    this.#steps.set(keyOf(reference, step.type), step);
    return step;
  }
}

function isOfRollback(entry: StepEntry | RollbackStepEntry): entry is RollbackStepEntry {
  return entry.type.startsWith("rollback_");
}

function referenceOf(reference: StepReference): Pick<AnyStep, "name" | "in"> {
  return { name: reference.step, in: reference.in };
}

function keyOf(reference: StepReference, type: StepDetails["type"]): string {
  return `${type}:${toStepPath(reference.in, reference.step)}`;
}

/** A step's key has its kind in the engine's words. */
function toDetailsKey(stepKey: string): string {
  return stepKey.replace(/^do:/, "step:").replace(/^wait:/, "waitForEvent:");
}

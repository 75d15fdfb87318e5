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
} from "./history.ts";
import type { NamedMessage } from "./error-folding.ts";
import { observedStream } from "./observed-output.ts";
import { observeValues } from "./observed-values.ts";
import type { ObservedValues } from "./observed-values.ts";
import type { ResolvedStepConfig } from "./step-config.ts";
import { referenceOf, StepBook } from "./step-book.ts";
import type { DoDetails, StepDetails } from "./step-details.ts";

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
  readonly #steps: StepBook;
  #terminatedAt: number | undefined;

  constructor(startedAt: number, values: ObservedValues) {
    this.#steps = new StepBook(startedAt);
    this.#values = values;
  }

  details(): InstanceDetails {
    return {
      steps: this.#steps.inOrder(),
      ...(this.#terminatedAt !== undefined && { terminatedAt: this.#terminatedAt }),
    };
  }

  apply(entry: HistoryEntry, at: number): void {
    // It has the instant of the entry after it.
    if (entry.type === "history_cut") return;
    if ("step" in entry) this.#applyStep(entry, at);
    else if (entry.type === "workflow_terminated") this.#terminatedAt = at;
    else if (entry.type === "workflow_resumed") this.#steps.shiftTimers(entry.pausedMs);
    this.#steps.lastAt = Math.max(this.#steps.lastAt, at);
  }

  #applyStep(entry: StepEntry | RollbackStepEntry, at: number): void {
    if (isOfRollback(entry)) return this.#applyRollback(entry, at);
    this.#steps.openAround(entry.in);
    switch (entry.type) {
      case "step_started":
        this.#steps.doStep(entry, { start: at }).config = entry.config;
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
        this.#steps.doStep(entry, { type: "rollback", start: at }).config = entry.config;
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
    const step = this.#steps.doStep(entry, { type });
    step.config = entry.config;
    this.#steps.attempt(step, entry.attempt);
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
        this.#steps.add(entry, { type: "sleep", ...referenceOf(entry), start: at, wakeAt });
        return;
      }
      case "sleep_completed":
        return this.#end(this.#steps.find(entry, "sleep"), at);
      case "sleep_errored":
        this.#steps.add(entry, { type: "sleep", ...referenceOf(entry), start: at, wakeAt: at });
        return this.#end(this.#steps.find(entry, "sleep"), at, this.#values.ofError(entry.error));
      case "wait_started": {
        const { eventType, timeoutMs } = entry;
        const times = { start: at, timeoutAt: at + timeoutMs };
        this.#steps.add(entry, {
          type: "waitForEvent",
          ...referenceOf(entry),
          ...times,
          eventType,
        });
        return;
      }
      case "wait_completed":
      case "wait_errored":
        return this.#receive(entry, at);
      case "wait_timed_out": {
        const message = `Execution timed out after ${entry.timeoutMs}ms`;
        const error = { name: "WorkflowTimeoutError", message };
        return this.#end(this.#steps.find(entry, "waitForEvent"), at, error);
      }
      case "race_settled":
        // A step that lost ends with the race.
        for (const key of entry.cancelled) this.#end(this.#steps.withKey(key), at);
    }
  }

  #receive(entry: Extract<StepEntry, { readonly receivedAt: number }>, at: number): void {
    const { eventType, receivedAt } = entry;
    const wait =
      this.#steps.find(entry, "waitForEvent") ??
      // An event that was there already: the wait began and ended with this entry.
      this.#steps.add(entry, {
        type: "waitForEvent",
        ...referenceOf(entry),
        start: this.#steps.lastAt,
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

  #endAttempt(entry: EndedAttempt, type: DoDetails["type"], at: number): DoDetails {
    const step = this.#steps.doStep(entry, { type });
    if (entry.config) step.config = { ...step.config, ...entry.config };
    const last = this.#steps.attempt(step, entry.attempt);
    last.end = at;
    if (entry.error !== undefined) last.error = this.#values.ofError(entry.error);
    return step;
  }
}

function isOfRollback(entry: StepEntry | RollbackStepEntry): entry is RollbackStepEntry {
  return entry.type.startsWith("rollback_");
}

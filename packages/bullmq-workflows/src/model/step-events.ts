/**
 * The instance events of steps and of their rollbacks, see {@link InstanceEvents}.
 *
 * A step that did not last has only its end on record: that it started, and which attempts it made, follows
 * from it. What was told already is not told again, so this knows of every step that has not ended yet how
 * far it has been told. It knows nothing of steps that have: what it keeps does not grow with the history.
 */
import type { Entry, Emit } from "./instance-events.ts";
import type { CompletedStep } from "./history.ts";
import type { ObservedValues } from "./observed-values.ts";
import { DEFAULT_STEP_CONFIG } from "./step-config.ts";
import { enclosingPaths, lastNameOf, pathOf, toStepPath } from "./step-key.ts";
import type { StepKey, StepPath } from "./step-key.ts";

/** Of a step that has not ended, what has been told. */
interface ToldStep {
  /** The last attempt. */
  attempt: number;
  /** Whether that attempt has begun and not ended. */
  isOpen: boolean;
}

/** The names of a step's events, or of its rollback's. */
type Prefix = "" | "rollback_";

/** Deeper ones are told when they say something themselves. It keeps {@link IDS_PER_ENTRY} true. */
const MOST_ENCLOSING = 12;

export class StepEvents {
  readonly #values: ObservedValues;
  readonly #emit: Emit;
  readonly #told = new Map<`${Prefix}${StepPath}`, ToldStep>();

  constructor(values: ObservedValues, emit: Emit) {
    this.#values = values;
    this.#emit = emit;
  }

  apply(entry: Entry): void {
    if (entry.type.startsWith("rollback_")) return this.#applyDo(entry, "rollback_");
    // Its callback runs, whether or not anything says so yet.
    for (const path of enclosingPaths(entry.in).slice(0, MOST_ENCLOSING)) this.#openAround(path);
    this.#applyForward(entry);
  }

  #applyForward(entry: Entry): void {
    const { type, at, step: stepName } = entry;
    switch (type) {
      case "sleep_started": {
        const durationMs = entry.durationMs ?? Math.max(0, (entry.until ?? at) - at);
        return this.#emit(type, () => ({ stepName, durationMs }));
      }
      case "wait_started":
        return this.#emit(type, () => ({ stepName, eventType: entry.eventType }));
      case "sleep_completed":
      case "wait_completed":
      case "wait_timed_out":
        return this.#emit(type, () => ({ stepName }));
      case "wait_errored":
        // The event came, and that is all that Cloudflare has a word for.
        return this.#emit("wait_completed", () => ({ stepName }));
      case "race_settled":
        return this.#forget(entry.cancelled ?? []);
      default:
        return this.#applyDo(entry, "");
    }
  }

  #applyDo(entry: Entry, prefix: Prefix): void {
    switch (entry.type.slice(prefix.length)) {
      case "step_started":
        return void this.#start(entry, prefix);
      case "attempt_started":
        return void this.#begin(entry, prefix);
      case "attempt_errored":
        return this.#failAttempt(entry, prefix);
      case "step_completed":
        return this.#complete(entry, prefix);
      case "step_errored":
        return this.#fail(entry, prefix);
      default:
        // Nothing of Cloudflare's is like it.
        return;
    }
  }

  #failAttempt(entry: Entry, prefix: Prefix): void {
    const told = this.#begin(entry, prefix);
    told.isOpen = false;
    const { step: stepName, attempt, error, retryDelayMs } = entry;
    this.#emit(`${prefix}attempt_errored`, () => {
      return { stepName, attempt, error: this.#values.ofAttempt(error), retryDelayMs };
    });
  }

  #complete(entry: Entry, prefix: Prefix): void {
    this.#begin(entry, prefix);
    this.#told.delete(`${prefix}${pathOfEntry(entry)}`);
    const { step: stepName, attempt } = entry;
    this.#emit(`${prefix}attempt_completed`, () => ({ stepName, attempt }));
    this.#emit(`${prefix}step_completed`, () =>
      prefix === ""
        ? { stepName, output: this.#values.ofStep(entry as CompletedStep) }
        : { stepName },
    );
  }

  #fail(entry: Entry, prefix: Prefix): void {
    this.#begin(entry, prefix);
    this.#told.delete(`${prefix}${pathOfEntry(entry)}`);
    const { step: stepName, attempt } = entry;
    const facts = { stepName, attempt };
    this.#emit(`${prefix}attempt_errored`, () => ({
      ...facts,
      error: this.#values.ofAttempt(entry.error),
    }));
    this.#emit(`${prefix}step_errored`, () =>
      prefix === "" ? { stepName } : { stepName, error: this.#values.ofError(entry.error) },
    );
  }

  /** Tells that the step has started, unless that was told. */
  #start(entry: Entry, prefix: Prefix): ToldStep {
    const key = `${prefix}${pathOfEntry(entry)}` as const;
    const known = this.#told.get(key);
    if (known) return known;
    const told = { attempt: 0, isOpen: false };
    this.#told.set(key, told);
    this.#emit(`${prefix}step_started`, () => {
      return { stepName: entry.step, config: configOf(entry) };
    });
    return told;
  }

  /** Tells that the entry's attempt has begun, unless that was told. */
  #begin(entry: Entry, prefix: Prefix): ToldStep {
    const told = this.#start(entry, prefix);
    const { step: stepName, attempt = told.attempt + 1 } = entry;
    if (told.isOpen && told.attempt === attempt) return told;
    told.attempt = attempt;
    told.isOpen = true;
    this.#emit(`${prefix}attempt_started`, () => ({ stepName, attempt }));
    return told;
  }

  /** What is in a step says that the step is in an attempt: the one after the last that failed. */
  #openAround(path: StepPath): void {
    const known = this.#told.get(path);
    if (known?.isOpen) return;
    const told = known ?? { attempt: 0, isOpen: false };
    this.#told.set(path, told);
    const stepName = lastNameOf(path);
    if (!known) this.#emit("step_started", () => ({ stepName }));
    told.attempt += 1;
    told.isOpen = true;
    const { attempt } = told;
    this.#emit("attempt_started", () => ({ stepName, attempt }));
  }

  /** Steps that lost a race say nothing more. */
  #forget(cancelled: readonly StepKey[]): void {
    for (const key of cancelled) this.#told.delete(pathOf(key));
  }
}

function pathOfEntry({ in: enclosing, step }: Entry): StepPath {
  return toStepPath(enclosing, step ?? "");
}

/**
 * An entry that ends a step has what differs from the defaults; the others have all of it.
 */
function configOf({ type, config, sensitive: mark }: Entry): object | undefined {
  const isEnd = type === "step_completed" || type === "step_errored";
  const all = isEnd ? { ...DEFAULT_STEP_CONFIG, ...config } : config;
  if (!all) return undefined;
  const { retries, timeout, sensitive = mark } = all;
  return { retries, timeout, ...(sensitive && { sensitive }) };
}

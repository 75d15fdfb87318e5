/**
 * The steps that a history has told of so far, found by who refers to them. One that is referred to before
 * anything said that it began is taken to have begun with the entry before.
 */
import type { StepReference } from "./history.ts";
import { DEFAULT_STEP_CONFIG } from "./step-config.ts";
import type { AnyStep, AttemptDetails, DoDetails, StepDetails } from "./step-details.ts";
import { enclosingPaths, lastNameOf, toStepPath } from "./step-key.ts";
import type { StepPath } from "./step-key.ts";

export class StepBook {
  /** When the last thing happened that the history tells of. */
  lastAt: number;
  readonly #steps = new Map<string, StepDetails>();

  constructor(startedAt: number) {
    this.lastAt = startedAt;
  }

  /** In the order in which they began. */
  inOrder(): readonly StepDetails[] {
    return [...this.#steps.values()].toSorted((a, b) => a.start - b.start);
  }

  find(reference: StepReference, type: StepDetails["type"]): StepDetails | undefined {
    return this.#steps.get(keyOf(reference, type));
  }

  add(reference: StepReference, step: StepDetails): StepDetails {
    this.#steps.set(keyOf(reference, step.type), step);
    return step;
  }

  /** By the key that the engine knows a step by. */
  withKey(stepKey: string): StepDetails | undefined {
    return this.#steps.get(toDetailsKey(stepKey));
  }

  doStep(
    reference: StepReference,
    { type = "step", start = this.lastAt }: Partial<Pick<DoDetails, "type" | "start">> = {},
  ): DoDetails {
    const known = this.find(reference, type);
    if (known?.type === "step" || known?.type === "rollback") return known;
    const step: DoDetails = {
      type,
      ...referenceOf(reference),
      start,
      config: DEFAULT_STEP_CONFIG,
      attempts: [],
    };
    this.add(reference, step);
    return step;
  }

  /** The attempt, begun if nothing said so before. */
  attempt(step: DoDetails, attempt: number): AttemptDetails {
    const start = attempt === 1 ? step.start : Math.max(step.retryAt ?? 0, step.start);
    // One that crashed before it could say so has left no trace: it lasted no longer than this.
    while (step.attempts.length < attempt) step.attempts.push({ start });
    delete step.retryAt;
    return step.attempts[attempt - 1] ?? { start };
  }

  /** What is in a step says that the step is in an attempt, whether or not anything says so yet. */
  openAround(path: StepPath | undefined): void {
    let enclosing: StepPath | undefined;
    for (const around of enclosingPaths(path)) {
      const step = this.doStep({ step: lastNameOf(around), ...(enclosing && { in: enclosing }) });
      const isOpen = step.attempts.length > 0 && step.attempts.at(-1)?.end === undefined;
      if (!isOpen && step.end === undefined) this.attempt(step, step.attempts.length + 1);
      enclosing = around;
    }
  }

  /** A resume makes every timer that runs later by as long as the pause took. */
  shiftTimers(pausedMs: number): void {
    for (const step of this.#steps.values()) {
      if (step.end !== undefined) continue;
      if (step.type === "sleep") step.wakeAt += pausedMs;
      if (step.type === "waitForEvent" && step.timeoutAt) step.timeoutAt += pausedMs;
      if ("attempts" in step && step.retryAt !== undefined) step.retryAt += pausedMs;
    }
  }
}

export function referenceOf(reference: StepReference): Pick<AnyStep, "name" | "in"> {
  return { name: reference.step, in: reference.in };
}

function keyOf(reference: StepReference, type: StepDetails["type"]): string {
  return `${type}:${toStepPath(reference.in, reference.step)}`;
}

/** A step's key has its kind in the engine's words. */
function toDetailsKey(stepKey: string): string {
  return stepKey.replace(/^do:/, "step:").replace(/^wait:/, "waitForEvent:");
}

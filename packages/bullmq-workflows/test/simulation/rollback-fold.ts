/**
 * What the history of one generation says of its rollback: which steps have to be undone, in which order
 * that must be, and how it ended.
 */
import type { HistoryEntry } from "../../src/model/history.ts";
import { reviveError } from "../../src/model/payload.ts";
import type { Violations } from "./violations.ts";

export class RollbackFold {
  readonly #violations: Violations;
  /** Steps that have started with a rollback and are not undone, in the order of their starts. */
  readonly #toUndo: string[] = [];
  readonly #undone = new Set<string>();
  #isRequested = false;
  #totalSteps: number | undefined;
  /** What set it off, once that is on record. */
  trigger: string | undefined;
  outcome: "complete" | "failed" | undefined;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** Whether a failed instance must have had a rollback. */
  get isNeeded(): boolean {
    return this.#toUndo.length + this.#undone.size > 0;
  }

  /** Whether it is on record that the step has started. */
  hasStarted(step: string): boolean {
    return this.#toUndo.includes(step) || this.#undone.has(step);
  }

  /** Why a step must not be undone now, if it must not. */
  whyNotUndo(step: string): string | undefined {
    if (this.#undone.has(step)) return "it is undone";
    if (this.outcome !== undefined) return "the rollback is over";
    if (this.#toUndo.at(-1) !== step) return `${this.#toUndo.at(-1)} is to be undone before`;
    return this.#totalSteps !== undefined || this.#isRequested ? undefined : "nothing failed";
  }

  append(entry: HistoryEntry, text: string): void {
    const why = this.#whyNot(entry);
    this.#violations.check(why === undefined, "I1", () => `${text}, but ${why}`);
    switch (entry.type) {
      case "step_started":
        this.#toUndo.push(entry.step);
        return;
      case "rollback_requested":
        this.#isRequested = true;
        return;
      case "rollback_started":
        this.#totalSteps = entry.totalSteps;
        this.trigger = (reviveError(entry.error) as Error).message;
        return;
      case "rollback_step_completed":
        this.#undone.add(entry.step);
        this.#toUndo.pop();
        return;
      case "rollback_completed":
        this.outcome = "complete";
        return;
      case "rollback_errored":
        this.outcome = "failed";
        return;
      default:
        return;
    }
  }

  #whyNot(entry: HistoryEntry): string | undefined {
    switch (entry.type) {
      case "step_started": {
        const isAgain = this.#toUndo.includes(entry.step) || this.#undone.has(entry.step);
        if (isAgain) return "it had started";
        return this.#totalSteps === undefined ? undefined : "it is rolling back";
      }
      case "rollback_started":
        if (this.#totalSteps !== undefined) return "it had started";
        return entry.totalSteps === this.#toUndo.length ? undefined : `${this.#toUndo.length} are`;
      case "rollback_step_started":
      case "rollback_attempt_started":
      case "rollback_attempt_errored":
      case "rollback_step_completed":
        return this.whyNotUndo(entry.step);
      case "rollback_step_errored": {
        const { name } = reviveError(entry.error) as Error;
        // Every branch of a program asks for its steps within the time that a replay has for them.
        return name === "RollbackMissing" ? "the code names it" : this.whyNotUndo(entry.step);
      }
      case "rollback_completed":
        return this.#toUndo.length === 0 ? undefined : `${this.#toUndo.length} are left`;
      case "workflow_errored":
        return this.isNeeded && this.outcome === undefined ? "nothing was undone" : undefined;
      default:
        return undefined;
    }
  }
}

/** What undoes the steps of a run, as far as its code has named it. It lives in memory only. */
import type { StepKey } from "../model/step-key.ts";
import type { Timeline } from "../model/timeline.ts";
import { toRollbackKey } from "../model/step-key.ts";
import type { RollbackOptions } from "./rollback-options.ts";
import type { AskedStep } from "./step-calls.ts";

/** A step, and what undoes it. */
export interface StepRollback {
  readonly step: AskedStep;
  readonly options: RollbackOptions;
}

export class RollbackHandlers {
  /** A step that has to be undone is on record as started, or about to be. */
  hasStarted = false;
  readonly #rollbacks = new Map<StepKey, StepRollback>();

  add(rollback: StepRollback): void {
    this.#rollbacks.set(rollback.step.key, rollback);
  }

  of(key: StepKey): StepRollback | undefined {
    return this.#rollbacks.get(key);
  }

  /** Whether it has one for every step that is still to be undone. */
  suffice({ steps, undoable }: Timeline): boolean {
    return undoable.every(
      (key) => this.#rollbacks.has(key) || steps.get(toRollbackKey(key))?.settlement,
    );
  }
}

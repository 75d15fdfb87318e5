/** How a step is undone: Cloudflare's types. */
import type { WorkflowStepConfig } from "./step-config.ts";
import type { WorkflowStepContext } from "./workflow.ts";

/** Retries and timeout of a rollback. The same rules and defaults as of a step. */
export type WorkflowStepRollbackConfig = Omit<WorkflowStepConfig, "sensitive">;

/** The one argument of a rollback. */
export interface WorkflowRollbackContext<T> {
  /** That of the step: its name, its count, its config, and the number of its last attempt. */
  ctx: WorkflowStepContext;
  /** What set the rollback off. Named `Terminated` when `terminate({ rollback: true })` did. */
  error: Error;
  /** What the step returned; `undefined` when it failed, or never ended. */
  output: T | undefined;
  /**
   * `<name>-<count>`.
   * @deprecated As at Cloudflare: use `ctx.step`.
   */
  stepName: string;
}

/** Undoes what a step did. It may run again when its worker dies before its end is recorded. */
export type WorkflowRollbackHandler<T> = (context: WorkflowRollbackContext<T>) => unknown;

/** The last argument of `step.do`. */
export interface WorkflowStepRollbackOptions<T> {
  /**
   * Called when the run fails, or is terminated with `{ rollback: true }`, if the step has started: also
   * when the step itself failed, or its end is not known.
   */
  rollback: WorkflowRollbackHandler<T>;
  /** Retries and timeout of the rollback. @defaultValue those of a step */
  rollbackConfig?: WorkflowStepRollbackConfig;
}

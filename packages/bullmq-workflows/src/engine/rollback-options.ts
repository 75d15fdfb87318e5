/** What `step.do` is given to undo a step: Cloudflare's checks, in Cloudflare's order. */
import { WorkflowFatalError } from "../model/errors.ts";
import { CONFIG_DOCS, parseStepConfig } from "../model/step-config.ts";
import type { ResolvedStepConfig, WorkflowStepConfig } from "../model/step-config.ts";
import type { WorkflowRollbackHandler } from "../model/rollback.ts";

/** Checked, defaults filled in. */
export interface RollbackOptions {
  readonly handler: WorkflowRollbackHandler<unknown>;
  readonly config: ResolvedStepConfig;
  /** As the user gave it, for the delay function, which is never stored. */
  readonly givenConfig: WorkflowStepConfig | undefined;
}

/** @throws {@link WorkflowFatalError} (`step.invalid_rollback`) */
export function parseRollbackOptions(name: string, given: unknown): RollbackOptions | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw invalid(`Rollback options for "${name}" must be an object`);
  }
  const { rollback, rollbackConfig } = given as Record<"rollback" | "rollbackConfig", unknown>;
  if (typeof rollback !== "function") {
    throw invalid(`Rollback for "${name}" must be a function`);
  }
  const config = parseStepConfig(rollbackConfig);
  if (!config) {
    throw invalid(`Rollback config for "${name}" is in a invalid format. See ${CONFIG_DOCS}`);
  }
  return {
    handler: rollback as WorkflowRollbackHandler<unknown>,
    config,
    givenConfig: rollbackConfig as WorkflowStepConfig | undefined,
  };
}

function invalid(message: string): WorkflowFatalError {
  return new WorkflowFatalError("step.invalid_rollback", message);
}

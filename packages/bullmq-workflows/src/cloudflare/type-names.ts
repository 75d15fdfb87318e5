/**
 * Names that are types at Cloudflare. Code often imports them without `type`; bundlers drop that, and
 * what keeps it finds something here.
 */
import { refuseClass } from "./refused-class.ts";
import type { RefusedClass } from "./refused-class.ts";

const TypeOnly: RefusedClass = refuseClass("A value under the name of a type", "Use it as a type.");

export {
  TypeOnly as WorkflowBackoff,
  TypeOnly as WorkflowCronSchedule,
  TypeOnly as WorkflowDelayDuration,
  TypeOnly as WorkflowDelayFunction,
  TypeOnly as WorkflowDurationLabel,
  TypeOnly as WorkflowDynamicDelayContext,
  TypeOnly as WorkflowEvent,
  TypeOnly as WorkflowInstanceStatus,
  TypeOnly as WorkflowRetentionDuration,
  TypeOnly as WorkflowRollbackContext,
  TypeOnly as WorkflowRollbackHandler,
  TypeOnly as WorkflowSleepDuration,
  TypeOnly as WorkflowStep,
  TypeOnly as WorkflowStepConfig,
  TypeOnly as WorkflowStepContext,
  TypeOnly as WorkflowStepEvent,
  TypeOnly as WorkflowStepRollbackConfig,
  TypeOnly as WorkflowStepRollbackOptions,
  TypeOnly as WorkflowStepSensitivity,
  TypeOnly as WorkflowTimeoutDuration,
};

/** The public API. Everything else is internal. */
export { WorkflowEngine } from "./wiring/workflow-engine.ts";
export type { EngineMode, Logger, WorkflowEngineConfig } from "./wiring/engine-config.ts";
export type { DurabilityOptions } from "./wiring/durability-config.ts";
export type { EventSchemas, WorkflowOptions } from "./wiring/workflow-options.ts";

export type { WorkflowSchedule, WorkflowSchedules } from "./wiring/schedule-options.ts";

export { WorkflowEntrypoint } from "./model/workflow.ts";
export type {
  ExecutionContext,
  RaceResult,
  WorkflowEvent,
  WorkflowStep,
  WorkflowStepContext,
  WorkflowStepEvent,
} from "./model/workflow.ts";
export type { ScheduleCatchUp, ScheduleOverlap, WorkflowCronSchedule } from "./model/schedule.ts";
export type {
  WorkflowRollbackContext,
  WorkflowRollbackHandler,
  WorkflowStepRollbackConfig,
  WorkflowStepRollbackOptions,
} from "./model/rollback.ts";
export type {
  WorkflowBackoff,
  WorkflowDelayFunction,
  WorkflowDynamicDelayContext,
  WorkflowStepConfig,
  WorkflowStepSensitivity,
} from "./model/step-config.ts";
export type {
  WorkflowDelayDuration,
  WorkflowDurationLabel,
  WorkflowRetentionDuration,
  WorkflowSleepDuration,
  WorkflowTimeoutDuration,
} from "./model/duration.ts";

export type { Workflow, WorkflowListOptions, WorkflowListPage } from "./client/workflow.ts";
export type { WorkflowInstanceFilter } from "./client/search.ts";
export type { WorkflowScheduleStatus } from "./client/schedule-status.ts";
export type {
  InstanceStatus,
  WorkflowEventPayload,
  WorkflowInstance,
} from "./client/instance-handle.ts";
export type { InstanceStatus as WorkflowInstanceStatus } from "./model/status.ts";
export type { WorkflowInstanceSubscription } from "./client/instance-subscription.ts";
export type { WorkflowInstanceSubscribeOptions } from "./client/subscribe-options.ts";
export type {
  WorkflowInstanceEvent,
  WorkflowInstanceEventError,
  WorkflowInstanceEventStepConfig,
  WorkflowInstanceEventType,
} from "./model/instance-event-types.ts";
export type { WorkflowInstanceCreateOptions, WorkflowRetention } from "./client/create-options.ts";
export type { WorkflowInstanceRestartOptions } from "./client/restart-from.ts";
export type {
  WorkflowBatchCreateOptions,
  WorkflowBatchCreateResult,
  WorkflowBatchDeleteResult,
} from "./client/batch.ts";

export {
  EngineClosedError,
  InstanceAlreadyExistsError,
  InstanceNotFoundError,
  InstanceTerminatedError,
  InvalidArgumentError,
  InvalidOptionError,
  InvalidTransitionError,
  LimitExceededError,
  NonDeterminismError,
  NonRetryableDelayError,
  NonRetryableError,
  RollbackMissingError,
  StepsTerminatedError,
  WorkflowEngineError,
  WorkflowFatalError,
  WorkflowInternalError,
  WorkflowTimeoutError,
} from "./model/errors.ts";
export type { ErrorForm } from "./model/error-folding.ts";
export type { ErrorClass } from "./model/error-value.ts";
export type { Barrier } from "./model/barrier.ts";
export type { DurabilityGrade } from "./model/durability.ts";
export type { Durability } from "./model/durability-report.ts";
export type { Headroom, HeadroomLevel } from "./model/headroom.ts";
export type { ServerFacts } from "./model/server-facts.ts";

export { DurabilityError, LowMemoryError } from "./model/durability-errors.ts";
export {
  InstanceLostError,
  StepOutputCorruptError,
  StoreUnavailableError,
} from "./model/store-errors.ts";
export {
  InvalidStepReadableStreamError,
  OversizedStreamChunkError,
  StreamOutputStorageLimitError,
  UnsupportedStreamChunkError,
} from "./model/stream-errors.ts";
export { UnserializableValueError } from "./model/unserializable-value-error.ts";
export { ValidationError } from "./model/validation-error.ts";
export type { ValidationIssue } from "./model/validation-error.ts";
export type { Schema } from "./model/validation.ts";
export { UnsupportedFormatError } from "./model/unsupported-format-error.ts";
export { WriteTooLargeError } from "./model/write-too-large-error.ts";

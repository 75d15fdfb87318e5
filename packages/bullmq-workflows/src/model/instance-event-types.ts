/**
 * What a subscriber is told of an instance: Cloudflare's union of events.
 *
 * An instance event is never stored. It is what {@link InstanceEvents} reads out of the history.
 */
import type { WorkflowBackoff, WorkflowStepSensitivity } from "./step-config.ts";

/** What every event says. */
interface EventBase {
  readonly instanceId: string;
  /** Grows from event to event, from 1. The same event has the same id whenever it is asked for. */
  readonly eventId: number;
  /** When it was recorded: epoch milliseconds of the store's clock. */
  readonly timestamp: number;
}

/** An error, as far as observers are told. */
export interface WorkflowInstanceEventError {
  readonly name: string;
  readonly message: string;
}

/** A step's config with every default filled in. A delay that is a function is `"[dynamic]"`. */
export interface WorkflowInstanceEventStepConfig {
  readonly retries: {
    readonly limit: number;
    readonly delay: string | number;
    readonly backoff?: WorkflowBackoff;
  };
  readonly timeout: string | number;
  readonly sensitive?: WorkflowStepSensitivity;
}

interface StepFacts {
  /** `<name>-<count>` */
  readonly stepName: string;
}

interface StepStart extends StepFacts {
  /** Absent where it is not on record yet. */
  readonly config?: WorkflowInstanceEventStepConfig;
}

interface AttemptFacts extends StepFacts {
  /** From 1. */
  readonly attempt: number;
}

interface AttemptFailure extends AttemptFacts {
  readonly error: WorkflowInstanceEventError;
  /** Milliseconds until the next attempt; absent when none follows. */
  readonly retryDelayMs?: number;
}

/** What an event of each type says besides {@link EventBase}. */
interface FactsByType {
  workflow_queued: unknown;
  workflow_started: { readonly params?: unknown };
  workflow_running: unknown;
  workflow_paused: unknown;
  workflow_waiting_for_pause: unknown;
  workflow_waiting: unknown;
  /** `output` is the value that `run` returned. */
  workflow_completed: { readonly output?: unknown };
  workflow_errored: { readonly error: WorkflowInstanceEventError };
  workflow_terminated: unknown;
  step_started: StepStart;
  /** `output` is the value, a stream for a stream, and `"[REDACTED]"` for a sensitive step. */
  step_completed: StepFacts & { readonly output?: unknown };
  step_errored: StepFacts;
  attempt_started: AttemptFacts;
  attempt_completed: AttemptFacts;
  attempt_errored: AttemptFailure;
  sleep_started: StepFacts & { readonly durationMs: number };
  sleep_completed: StepFacts;
  wait_started: StepFacts & { readonly eventType: string };
  wait_completed: StepFacts;
  wait_timed_out: StepFacts;
  rollback_started: unknown;
  rollback_completed: unknown;
  rollback_errored: unknown;
  rollback_step_started: StepStart;
  rollback_step_completed: StepFacts;
  rollback_step_errored: StepFacts & { readonly error: WorkflowInstanceEventError };
  rollback_attempt_started: AttemptFacts;
  rollback_attempt_completed: AttemptFacts;
  rollback_attempt_errored: AttemptFailure;
}

/** Cloudflare's names for what happens to an instance. */
export type WorkflowInstanceEventType = keyof FactsByType;

/** Tells the types from one another by `type`. */
export type WorkflowInstanceEvent = {
  [Type in WorkflowInstanceEventType]: EventBase & { readonly type: Type } & FactsByType[Type];
}[WorkflowInstanceEventType];

/** Every type, in the order of Cloudflare's table. */
export const INSTANCE_EVENT_TYPES: readonly WorkflowInstanceEventType[] = [
  "workflow_queued",
  "workflow_started",
  "workflow_running",
  "workflow_paused",
  "workflow_waiting_for_pause",
  "workflow_waiting",
  "workflow_completed",
  "workflow_errored",
  "workflow_terminated",
  "step_started",
  "step_completed",
  "step_errored",
  "attempt_started",
  "attempt_completed",
  "attempt_errored",
  "sleep_started",
  "sleep_completed",
  "wait_started",
  "wait_completed",
  "wait_timed_out",
  "rollback_started",
  "rollback_completed",
  "rollback_errored",
  "rollback_step_started",
  "rollback_step_completed",
  "rollback_step_errored",
  "rollback_attempt_started",
  "rollback_attempt_completed",
  "rollback_attempt_errored",
];

/**
 * Every error a user or operator can meet, in one hierarchy with stable dotted codes.
 *
 * Branch on `code`, never on the message. Messages of instance and workflow errors start with the
 * code in parentheses, because that token is what code written for Cloudflare looks for. Names follow
 * Cloudflare's where Cloudflare has one. Each code has a row in docs/errors.md.
 */
import type { InstanceStatus } from "./status.ts";

const BRAND = Symbol.for("bullmq-workflows.error");

/** The base of all errors that this library creates. `code` is stable; the message is for people. */
export class WorkflowEngineError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whether a value is one of this library's errors, even one made by another copy of the library. */
  static is(value: unknown): value is WorkflowEngineError {
    return value instanceof Error && BRAND in value;
  }
}
Object.defineProperty(WorkflowEngineError.prototype, BRAND, { value: true });
named(WorkflowEngineError, "WorkflowEngineError");

/**
 * Thrown by a step to say that trying again is useless. The step fails at once and the error reaches
 * the code that awaited it. As at Cloudflare, it is recognized by its name: another `name` makes it an
 * ordinary error that is retried.
 */
export class NonRetryableError extends Error {
  constructor(message: string, name = "NonRetryableError") {
    super(message);
    this.name = name;
  }
}

/** A call on `step` that can never succeed: a bad name, a bad config, the step limit. Not retried. */
export class WorkflowFatalError extends WorkflowEngineError {}
named(WorkflowFatalError, "WorkflowFatalError");

/** The function given as `retries.delay` failed, so the step failed. Not retried. */
export class NonRetryableDelayError extends WorkflowFatalError {
  constructor(step: string, reason: string) {
    super("step.invalid_delay", `The delay function for step "${step}" ${reason}`);
  }
}
named(NonRetryableDelayError, "NonRetryableDelayError");

/** A step attempt (`step.timed_out`) or the wait for an event (`event.timed_out`) took too long. */
export class WorkflowTimeoutError extends WorkflowEngineError {
  readonly timeoutMs: number;

  constructor(code: "step.timed_out" | "event.timed_out" | "result.timed_out", timeoutMs: number) {
    super(code, `Execution timed out after ${timeoutMs}ms`);
    this.timeoutMs = timeoutMs;
  }
}
named(WorkflowTimeoutError, "WorkflowTimeoutError");

/** The engine failed, not the step's code: the worker died in the attempt, or its result could not be kept. */
export class WorkflowInternalError extends WorkflowEngineError {}
named(WorkflowInternalError, "WorkflowInternalError");

/** The code asks for other steps than the history has. Only with `determinism: "strict"`. */
export class NonDeterminismError extends WorkflowEngineError {
  readonly recorded: string | undefined;
  readonly asked: string | undefined;

  constructor(recorded: string | undefined, asked: string | undefined) {
    super(
      "replay.diverged",
      `The history has ${recorded ? `the step "${recorded}"` : "no step"} where the code ` +
        `${asked ? `asks for "${asked}"` : "ends without it"}. ` +
        `Give changed steps a new name, or let running instances finish on the code they started with.`,
    );
    this.recorded = recorded;
    this.asked = asked;
  }
}
named(NonDeterminismError, "NonDeterminismError");

/** A step cannot be rolled back, as the code does not say any more how it is. */
export class RollbackMissingError extends WorkflowEngineError {
  constructor() {
    super("rollback.missing", "Rollback function not available in registry");
  }
}
named(RollbackMissingError, "RollbackMissing");

/** What rollbacks are told has set them off when it was `terminate({ rollback: true })`. */
export class StepsTerminatedError extends WorkflowEngineError {
  constructor() {
    super("rollback.terminated", "Instance terminated during rollback");
  }
}
named(StepsTerminatedError, "Terminated");

/** No instance with that id: never created, deleted, or its retention is over. */
export class InstanceNotFoundError extends WorkflowEngineError {
  readonly instanceId: string;

  constructor(instanceId: string, sentence = "Instance not found") {
    super("instance.not_found", `(instance.not_found) ${sentence}: "${instanceId}"`);
    this.instanceId = instanceId;
  }
}
named(InstanceNotFoundError, "InstanceNotFoundError");

/** The id is taken by an instance of this workflow, maybe a finished one that is still retained. */
export class InstanceAlreadyExistsError extends WorkflowEngineError {
  readonly instanceId: string;

  constructor(instanceId: string) {
    super(
      "instance.already_exists",
      `(instance.already_exists) Workflow instance with id "${instanceId}" already exists`,
    );
    this.instanceId = instanceId;
  }
}
named(InstanceAlreadyExistsError, "InstanceAlreadyExistsError");

/** The instance's status does not allow the call. The call changed nothing. */
export class InvalidTransitionError extends WorkflowEngineError {
  readonly instanceId: string;
  readonly status: InstanceStatus;

  constructor(
    code: string,
    sentence: string,
    facts: { instanceId: string; status: InstanceStatus },
  ) {
    super(code, `(${code}) ${sentence}`);
    this.instanceId = facts.instanceId;
    this.status = facts.status;
  }
}
named(InvalidTransitionError, "InvalidTransitionError");

/** The instance failed or was terminated, and somebody waited for its result. */
export class InstanceTerminatedError extends WorkflowEngineError {
  readonly instanceId: string;

  constructor(instanceId: string) {
    super("instance.terminated", `(instance.terminated) Instance "${instanceId}" was terminated`);
    this.instanceId = instanceId;
  }
}
named(InstanceTerminatedError, "InstanceTerminatedError");

/** A call was made with an argument that is not allowed. */
export class InvalidArgumentError extends WorkflowEngineError {}
named(InvalidArgumentError, "InvalidArgumentError");

/** An option has a value outside its rule. */
export class InvalidOptionError extends WorkflowEngineError {
  readonly option: string;

  constructor(option: string, rule: string, value: unknown) {
    super("options.invalid", `Expected \`${option}\` to be ${rule}, got \`${String(value)}\``);
    this.option = option;
  }
}
named(InvalidOptionError, "InvalidOptionError");

/** The engine was closed: nothing can be registered any more, and no result is waited for. */
export class EngineClosedError extends WorkflowEngineError {
  constructor(options?: ErrorOptions) {
    super("engine.closed", "The engine was closed", options);
  }
}
named(EngineClosedError, "EngineClosedError");

/** A value is larger than the limit for its kind. */
export class LimitExceededError extends WorkflowEngineError {
  readonly limitBytes: number;

  constructor(what: string, limitBytes: number) {
    super(
      "payload.too_large",
      `${what} is too large. Maximum allowed size is ${limitBytes / 1_048_576}MiB. ` +
        `Keep the data elsewhere and pass a reference to it.`,
    );
    this.limitBytes = limitBytes;
  }
}
named(LimitExceededError, "LimitExceededError");

/** The name lives on the prototype, so that it is neither an own property nor lost by a minifier. */
function named(errorClass: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, "name", {
    value: name,
    configurable: true,
    writable: true,
  });
}

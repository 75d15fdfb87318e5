/** What can go wrong with a call: the server refused or failed, or could not be reached. */
import type { ApiMessage } from "./api.generated.ts";

/** The server answered, and the answer is no success. */
export class WorkflowsApiError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** What the server says, usually one. Empty when something else answered, such as a proxy. */
  readonly errors: readonly ApiMessage[];
  /** How often the call was sent in all. */
  readonly attempts: number;
  /** When the server wants to be asked again, in ms from its answer. */
  readonly retryAfterMs: number | undefined;

  constructor(facts: {
    readonly operation: string;
    readonly status: number;
    readonly errors: readonly ApiMessage[];
    readonly attempts: number;
    readonly retryAfterMs: number | undefined;
  }) {
    const { operation, status, errors, attempts, retryAfterMs } = facts;
    const texts = errors.map(({ code, message }) => `${message} [code: ${code}]`);
    super(`${operation}: ${status} ${texts.join(", ") || "without an explanation"}`);
    this.name = "WorkflowsApiError";
    this.status = status;
    this.errors = errors;
    this.attempts = attempts;
    this.retryAfterMs = retryAfterMs;
  }

  /** The first one's number, by which to tell errors apart: 10400 is `instance.not_found`. */
  get code(): number | undefined {
    return this.errors[0]?.code;
  }
}

/** The server could not be reached, did not answer in time, or answered with something else than JSON. */
export class WorkflowsConnectionError extends Error {
  readonly isTimeout: boolean;
  readonly attempts: number;

  constructor(
    message: string,
    facts: { readonly isTimeout: boolean; readonly attempts: number; readonly cause?: unknown },
  ) {
    super(message, { cause: facts.cause });
    this.name = "WorkflowsConnectionError";
    this.isTimeout = facts.isTimeout;
    this.attempts = facts.attempts;
  }
}

/** What can be wrong with the store itself, as against with a call. */
import { WorkflowEngineError } from "./errors.ts";

/**
 * Redis could not be reached or refused to work. Nothing is lost: the engine tries again, and whoever
 * called may do so too.
 */
export class StoreUnavailableError extends WorkflowEngineError {
  static {
    Object.defineProperty(this.prototype, "name", { value: "StoreUnavailableError" });
  }

  constructor(cause: Error) {
    super(
      "store.unavailable",
      `Redis did not do what it was asked for: ${cause.message}. Check that it runs, is reachable and accepts writes.`,
      { cause },
    );
  }
}

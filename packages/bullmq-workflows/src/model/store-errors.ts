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

  constructor(cause: Error, advice = "Check that it runs, is reachable and accepts writes.") {
    // Some of Redis's own messages end in a full stop, and some do not.
    const reason = cause.message.replace(/[.\s]+$/, "");
    super("store.unavailable", `Redis did not do what it was asked for: ${reason}. ${advice}`, {
      cause,
    });
  }
}

/**
 * The store has no such instance any more, and nobody deleted it: it went back in time, as after a
 * failover to a replica that lagged, or a restored backup.
 */
export class InstanceLostError extends WorkflowEngineError {
  readonly instanceId: string;

  static {
    Object.defineProperty(this.prototype, "name", { value: "InstanceLostError" });
  }

  constructor(instanceId: string) {
    super(
      "instance.lost",
      `(instance.lost) Redis no longer has instance "${instanceId}", and nobody deleted it: it lost confirmed writes. Create the instance again if what it did may be done twice.`,
    );
    this.instanceId = instanceId;
  }
}

/** A step has completed, and the store has not all of the stream that it returned. Cloudflare's text. */
export class StepOutputCorruptError extends WorkflowEngineError {
  static {
    Object.defineProperty(this.prototype, "name", { value: "StepOutputCorruptError" });
  }

  constructor() {
    super(
      "instance.step_output_corrupt",
      "(instance.step_output_corrupt) Step has completed but its stored stream output is corrupt or incomplete",
    );
  }
}

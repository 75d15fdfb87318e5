/**
 * What is wrong with a stream that a step returned. Names and texts are Cloudflare's.
 *
 * None of these reaches the code that awaits the step: they end the instance, as they do there, with a
 * {@link WorkflowFatalError} that says so. The step's record has the error itself.
 */
import { WorkflowFatalError } from "./errors.ts";
import { STREAM_INPUT_CHUNK_LIMIT } from "./limits.ts";

const MIB = 1_048_576;
const GIB = 1_024 * MIB;

/** The base of those: what the instance ends with is told by {@link StepStreamError.toEnd}. */
export abstract class StepStreamError extends WorkflowFatalError {
  /** What ends the instance of the step with this name. */
  toEnd(step: string): WorkflowFatalError {
    const what = "The execution of the Workflow instance was terminated, as the step";
    const why = `returned an invalid ReadableStream output. ${this.message}`;
    return new WorkflowFatalError(this.code, `${what} "${step}" ${why}`);
  }
}

/** A chunk is neither an ArrayBuffer nor a typed array. */
export class UnsupportedStreamChunkError extends StepStreamError {
  static {
    Object.defineProperty(this.prototype, "name", { value: "UnsupportedStreamChunkError" });
  }

  constructor() {
    super(
      "step.unsupported_stream_chunk",
      "Step returned a ReadableStream with unsupported chunk type. Only ArrayBuffer and TypedArray chunks are supported.",
    );
  }
}

/** A chunk is larger than 16 MiB. */
export class OversizedStreamChunkError extends StepStreamError {
  static {
    Object.defineProperty(this.prototype, "name", { value: "OversizedStreamChunkError" });
  }

  constructor() {
    super(
      "step.oversized_stream_chunk",
      `Step returned a ReadableStream chunk larger than the maximum allowed size of ${STREAM_INPUT_CHUNK_LIMIT} bytes. Return smaller chunks from step.do().`,
    );
  }
}

/** The stream is locked, or somebody has read from it. */
export class InvalidStepReadableStreamError extends StepStreamError {
  static {
    Object.defineProperty(this.prototype, "name", { value: "InvalidStepReadableStreamError" });
  }

  constructor() {
    super(
      "step.unreadable_stream",
      "Step returned a ReadableStream that is already locked or otherwise unreadable. Return a fresh, unlocked ReadableStream from step.do().",
    );
  }
}

/** The instance's streams would take more than `limits.state` allows. */
export class StreamOutputStorageLimitError extends StepStreamError {
  static {
    Object.defineProperty(this.prototype, "name", { value: "StreamOutputStorageLimitError" });
  }

  constructor(limitBytes: number) {
    super(
      "step.storage_exhausted",
      `The instance has exceeded the ${toSizeText(limitBytes)} storage limit`,
    );
  }

  override toEnd(): WorkflowFatalError {
    return new WorkflowFatalError(this.code, this.message);
  }
}

function toSizeText(bytes: number): string {
  if (bytes % GIB === 0) return `${bytes / GIB}GiB`;
  return bytes % MIB === 0 ? `${bytes / MIB}MiB` : `${bytes} bytes`;
}

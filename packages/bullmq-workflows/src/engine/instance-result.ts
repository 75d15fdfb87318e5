import { toCloneError } from "../model/clone-refusal.ts";
import { LimitExceededError } from "../model/errors.ts";
import { STEP_RESULT_SIZE_LIMIT } from "../model/limits.ts";
import type { PayloadCodec } from "../model/payload.ts";
import { sizeOf } from "../model/payload-size.ts";
import { UnserializableValueError } from "../model/unserializable-value-error.ts";
import type { FinishRequest } from "./ports/activations.ts";
import type { RunResult } from "./run.ts";

/** What is stored as the end of an instance. An output that cannot be kept fails it. */
export function toInstanceResult(
  result: Exclude<RunResult, { type: "rolledBack" }>,
  codec: PayloadCodec,
): FinishRequest["result"] {
  if (result.type === "threw") return { status: "errored", error: codec.encodeError(result.error) };
  if (result.value instanceof ReadableStream) {
    const refusal = "ReadableStream can only be serialized for RPC.";
    const error = new DOMException(refusal, "DataCloneError");
    return { status: "errored", error: codec.encodeError(error) };
  }
  try {
    const output = codec.encode(result.value);
    if (sizeOf(output) > STEP_RESULT_SIZE_LIMIT) {
      throw new LimitExceededError("The workflow's output", STEP_RESULT_SIZE_LIMIT);
    }
    return { status: "complete", output };
  } catch (error) {
    const isTheirs = codec.form === "cloudflare" && error instanceof UnserializableValueError;
    return { status: "errored", error: codec.encodeError(isTheirs ? toCloneError(error) : error) };
  }
}

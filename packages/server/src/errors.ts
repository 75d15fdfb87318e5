/**
 * What a call is answered with when the library refuses it or fails: one row per code of the library.
 *
 * No deterministic refusal is a 409 or a 5xx: Cloudflare's SDK would repeat the call.
 */
import { WorkflowEngineError } from "bullmq-workflows";
import { ApiError, instanceNotFound, invalidInput } from "./api-error.ts";

const BY_CODE: Readonly<Record<string, (message: string) => ApiError>> = {
  "instance.not_found": instanceNotFound,
  "instance.lost": instanceNotFound,
  "instance.already_exists": () => new ApiError(400, 10_405, "instance.already_exists"),
  "instance.cannot_terminate": () => new ApiError(400, 10_401, "instance.cannot_terminate"),
  "instance.cannot_restart": (message) => new ApiError(400, 10_402, message),
  "instance.not_running": () => new ApiError(400, 10_406, "instance.not_running"),
  "store.unavailable": unavailable,
  "store.low_memory": unavailable,
  "durability.too_low": unavailable,
  "durability.unknown": unavailable,
  "engine.closed": unavailable,
  "options.invalid": invalidInput,
  "payload.too_large": invalidInput,
  "store.write_too_large": invalidInput,
  "payload.unserializable": invalidInput,
  "params.invalid": invalidInput,
  "event.invalid": invalidInput,
  "batch.invalid": invalidInput,
  "list.invalid": invalidInput,
  "subscribe.invalid": invalidInput,
  "workflow.invalid_event_type": invalidInput,
};

/** The error as it is answered; one that nobody expected keeps its cause for the log. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (WorkflowEngineError.is(error)) {
    const known = BY_CODE[error.code];
    if (known) return known(error.message);
    // Whatever else is wrong with the options of an instance.
    if (
      error.code.startsWith("instance.invalid_") ||
      error.code === "instance.option_unsupported"
    ) {
      return invalidInput(error.message);
    }
  }
  return new ApiError(500, 10_001, "workflows.api.error.internal_server", { cause: error });
}

/** Worth repeating, which 503 says. */
function unavailable(): ApiError {
  return new ApiError(503, 10_001, "workflows.api.error.internal_server");
}

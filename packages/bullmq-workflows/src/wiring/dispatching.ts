import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";
import type { WorkflowBackend } from "./backend.ts";

/** A request that cannot be dispatched is on record, so the call it belongs to has succeeded. */
export async function dispatchTo(
  backend: WorkflowBackend,
  telemetry: Telemetry,
  requests: readonly ActivationRequest[],
): Promise<void> {
  try {
    await backend.dispatcher.dispatch(requests);
  } catch (error) {
    telemetry.log("warn", "could not dispatch, the sweeper will", { error });
  }
}

/** How an activation ends its instance: what is written, and what is said of it. */
import type { ActivationParts } from "./activation-parts.ts";
import { toInstanceResult } from "./instance-result.ts";
import type { FinishOutcome, FinishRollbackRequest } from "./ports/activations.ts";
import type { InstanceResult } from "./ports/instances.ts";
import type { RunResult } from "./run.ts";
import { finishRollbackWith, finishWith } from "./writes.ts";
import type { Write } from "./writes.ts";

const RETURNED_NOTHING: RunResult = { type: "returned", value: undefined };

export interface Ending {
  readonly write: Write<FinishOutcome>;
  readonly result: InstanceResult | FinishRollbackRequest["result"];
}

export function endingOf(given: RunResult | undefined, { definition }: ActivationParts): Ending {
  const ended = given ?? RETURNED_NOTHING;
  if (ended.type === "rolledBack") {
    return { write: finishRollbackWith(ended), result: ended.result };
  }
  const result = toInstanceResult(ended, definition.codec);
  return { write: finishWith(result), result };
}

/** One that errored is worth a line, with the error as the code threw it, as far as it could be kept. */
export function logEnding(
  { definition, telemetry }: ActivationParts,
  instanceId: string,
  { result }: Ending,
): void {
  if (result.status !== "errored") return;
  const error = definition.codec.decodeError(result.error);
  telemetry.log("warn", "an instance has errored", {
    workflow: definition.name,
    instanceId,
    error,
  });
}

/** The activation ends and the instance does not: what was committed is replayed by another one. */
export function logFailure(
  { telemetry }: ActivationParts,
  instanceId: string,
  error: unknown,
): void {
  telemetry.log("error", "an activation failed", { instanceId, error });
}

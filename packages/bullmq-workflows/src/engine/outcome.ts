/** From what the history says of a step's end to what user code gets to see. */
import { WorkflowTimeoutError } from "../model/errors.ts";
import type { StreamReference } from "../model/history.ts";
import type { PayloadCodec } from "../model/payload.ts";
import type { Settlement } from "../model/timeline.ts";
import type { WorkflowStepEvent } from "../model/workflow.ts";
import type { Settler } from "./replay-scope.ts";

/** What turns stored bytes and texts into what user code gets. */
interface Surroundings {
  readonly definition: { readonly codec: PayloadCodec };
  openStream(reference: StreamReference, step: string): ReadableStream<Uint8Array>;
}

/**
 * A settler that resolves or rejects a promise with a value of its own. A plain value is handed out as it
 * was parsed, so what may be asked for once more has to be copied (`isAskedAgain`).
 */
export function toSettler(
  surroundings: Surroundings,
  resolve: (value: unknown) => void,
  reject: (error: unknown) => void,
  isAskedAgain: boolean = false,
): Settler {
  const { codec } = surroundings.definition;
  return {
    resolve(recorded) {
      const settlement = isAskedAgain ? structuredClone(recorded) : recorded;
      switch (settlement.type) {
        case "value":
          return resolve(codec.revive(settlement.json));
        case "stream":
          return resolve(surroundings.openStream(settlement.stream, settlement.step));
        case "error":
          return reject(codec.cross(codec.reviveError(settlement.json)));
        case "elapsed":
          return resolve(undefined);
        case "timed_out":
          return reject(
            codec.cross(new WorkflowTimeoutError("event.timed_out", settlement.timeoutMs)),
          );
        case "event":
          return resolve(toStepEvent(codec, settlement));
        case "won":
          return resolve(settlement.winner);
        case "cancelled":
          return;
      }
    },
  };
}

function toStepEvent(
  codec: PayloadCodec,
  settlement: Extract<Settlement, { type: "event" }>,
): WorkflowStepEvent<unknown> {
  const event = {
    ...("payload" in settlement && { payload: codec.revive(settlement.payload) as object }),
    timestamp: new Date(settlement.receivedAt),
    type: settlement.eventType,
  };
  return event as WorkflowStepEvent<unknown>;
}

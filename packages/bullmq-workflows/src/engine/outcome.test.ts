import { expect, test } from "vitest";
import { WorkflowTimeoutError } from "../model/errors.ts";
import { createPayloadCodec, encodeError, encodePayload } from "../model/payload.ts";
import type { Settlement } from "../model/timeline.ts";
import { toSettler } from "./outcome.ts";

const STREAM = new ReadableStream<Uint8Array>();

/** What user code sees of a settlement. */
function settle(settlement: Settlement): readonly [how: string, what?: unknown] {
  let seen: readonly [string, unknown?] = ["pending"];
  const settler = toSettler(
    { definition: { codec: createPayloadCodec() }, openStream: () => STREAM },
    (value) => (seen = ["resolved", value]),
    (error) => (seen = ["rejected", error]),
  );
  settler.resolve(settlement);
  return seen;
}

test.each<[string, Settlement, readonly unknown[]]>([
  ["value", { type: "value", json: JSON.parse(encodePayload(5n)) }, ["resolved", 5n]],
  [
    "error",
    { type: "error", json: JSON.parse(encodeError(new RangeError("no"))) },
    ["rejected", new RangeError("no")],
  ],
  [
    "stream",
    { type: "stream", stream: { id: "1.1", chunks: 1, bytes: 1 }, step: "a-1" },
    ["resolved", STREAM],
  ],
  ["elapsed", { type: "elapsed" }, ["resolved", undefined]],
  [
    "timed out",
    { type: "timed_out", timeoutMs: 5 },
    ["rejected", new WorkflowTimeoutError("event.timed_out", 5)],
  ],
  [
    "event",
    { type: "event", eventType: "go", receivedAt: 7, payload: 1 },
    ["resolved", { payload: 1, timestamp: new Date(7), type: "go" }],
  ],
  [
    "event without payload",
    { type: "event", eventType: "go", receivedAt: 7 },
    ["resolved", { timestamp: new Date(7), type: "go" }],
  ],
  ["won", { type: "won", winner: "a" }, ["resolved", "a"]],
  ["cancelled", { type: "cancelled" }, ["pending"]],
])("user code sees a settlement of the type %s", (_, settlement, expected) => {
  expect(settle(settlement)).toEqual(expected);
});

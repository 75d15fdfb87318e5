import { expect, test } from "vitest";
import { barrierOfLastWrite } from "./recorded-barrier.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Entries, each with the instant of its write. */
function history(...entries: readonly (readonly [at: number, type: string, fields?: Fields])[]) {
  return entries.map(([at, type, fields]) => ({ at, text: JSON.stringify({ type, ...fields }) }));
}

const FSYNC = { step: "a-1", call: 1, attempt: 1, durability: "fsync" };
const REPLICATED = { ...FSYNC, durability: "replicated" };

test.each([
  ["nothing is on record", history(), "memory"],
  ["the step asks for nothing", history([1, "step_completed", { step: "a-1" }]), "memory"],
  ["it is the last", history([1, "step_completed"], [2, "step_completed", FSYNC]), "fsync"],
  ["it has failed", history([1, "step_errored", FSYNC]), "fsync"],
  ["it has begun", history([1, "step_started", { config: { durability: "fsync" } }]), "fsync"],
  [
    "others were written with it",
    history([1, "step_completed", FSYNC], [1, "sleep_started"], [1, "step_completed", REPLICATED]),
    "fsync+replicated",
  ],
  ["something was written after it", history([1, "step_completed", FSYNC], [2, "{}"]), "memory"],
  [
    "only what came from outside is after it",
    history([1, "step_completed", FSYNC], [2, "workflow_paused"], [3, "rollback_requested"]),
    "fsync",
  ],
  ["it is not known here", history([1, "step_completed", { durability: "tape" }]), "memory"],
  [
    "only the output says so",
    history([1, "step_completed", { output: { durability: "fsync" } }]),
    "memory",
  ],
])("the barrier of the last write when %s", (_, entries, barrier) => {
  expect(barrierOfLastWrite(entries)).toBe(barrier);
});

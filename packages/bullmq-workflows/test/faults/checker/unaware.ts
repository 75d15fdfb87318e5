/**
 * When a store has lost the end of a history, a worker may claim the instance before another one, which
 * knows the end, has put it back. What the first one begins until then runs again, and it could not know.
 * But nothing that it did is on record, and the engine says in the log that the instance was restored.
 */
import { decodeEntry } from "../../../src/model/history.ts";
import { linesOf } from "../ledger.ts";
import type { Line, LineOf } from "../ledger.ts";
import { groupByInstance } from "./evidence.ts";

/** Says of an attempt whose outcome was on record whether it began in such a way. */
export type Unawareness = (started: LineOf<"started">) => boolean;

export function unawarenessIn(lines: readonly Line[]): Unawareness {
  const claims = groupByInstance(linesOf(lines, "claimed"));
  const acks = groupByInstance(linesOf(lines, "acked"));
  const restorations = groupByInstance(linesOf(lines, "restored"));
  return (started) => {
    const { instance, by, t } = started;
    const [claimed, acked] = [claims.get(instance) ?? [], acks.get(instance) ?? []];
    const claim = claimed.findLast((other) => other.by === by && other.t <= t);
    if (!claim || acked.some(({ fence, entries }) => fence === claim.fence && entries.length > 0)) {
      return false;
    }
    const told = [...claimed, ...acked].filter(({ entries }) =>
      entries.some((text) => isOutcomeOf(text, started)),
    );
    // It was there before the claim, is not in it, and was put back later: so it was lost in between.
    const seen = told.filter((other) => other.t < claim.t).map((other) => other.t);
    const isRestored = (restorations.get(instance) ?? []).some(
      (restored) => seen.length > 0 && restored.t > Math.max(...seen),
    );
    return isRestored && !told.some((other) => other.by === by && other.t <= t);
  };
}

function isOutcomeOf(text: string, { step, attempt }: LineOf<"started">): boolean {
  const entry = decodeEntry(text);
  if (!("step" in entry) || `do:${entry.step}` !== step) return false;
  if (entry.type === "attempt_errored") return entry.attempt === attempt;
  return entry.type === "step_completed" || entry.type === "step_errored";
}

/** What an activation does next, decided from what it knows at the end of a turn. */
import type { RollbackNeed } from "./rollback.ts";

/** Waits shorter than this stay in the worker: leaving and coming back would take as long. */
const INLINE_WAIT_MS = 50;

export interface TurnFacts {
  /** `run()` has returned or thrown. */
  readonly hasResult: boolean;
  /** Whether its steps have to be undone before the instance can end, and whether that is on record. */
  readonly rollback: RollbackNeed;
  /** New steps may begin: no pause is asked for, and the worker is not closing. */
  readonly isGateOpen: boolean;
  readonly isPauseRequested: boolean;
  /** Nothing in the engine moves: no attempt runs, every outcome was released. */
  readonly isQuiet: boolean;
  /** An outcome is staged: once it is written, user code goes on with it, and would need the claim back. */
  readonly hasOutcome: boolean;
  /** Something is staged, or the store has to be asked for news. */
  readonly hasToWrite: boolean;
  /** What is staged can only be committed: a result is a stream, or it is too much for one write. */
  readonly isToBeCommitted: boolean;
  /** An outcome that is staged may not be released before a barrier holds. */
  readonly isUnderBarrier: boolean;
  /** Work given to `waitUntil` goes on, and its grace is not over. */
  readonly isKept: boolean;
  /** Milliseconds until the next wait is due; `undefined` if the run waits for nothing. */
  readonly nextWaitMs: number | undefined;
}

export type TurnDecision =
  | "finish"
  | "rollBack"
  | "pause"
  | "release"
  | "suspend"
  | "commit"
  | "idle";

export function decideTurn(facts: TurnFacts): TurnDecision {
  return facts.isKept ? decideToStay(facts) : decideFreely(facts);
}

/** Everything but letting go of the claim: the way back may begin, as it is gone under the same one. */
function decideToStay({ hasToWrite, rollback }: TurnFacts): "commit" | "rollBack" | "idle" {
  if (hasToWrite) return "commit";
  return rollback === "due" ? "rollBack" : "idle";
}

function decideFreely(facts: TurnFacts): TurnDecision {
  // First by itself: only a commit looks whether the store has all streams, or leaves a rest behind.
  if (facts.isToBeCommitted) return "commit";
  if (facts.hasResult && facts.rollback === "none") return "finish";
  // First by itself: who gets the instance next would see the outcome before the barrier holds.
  if (facts.isUnderBarrier) return "commit";
  // What has started goes on record first: it has to be undone, too.
  if (facts.rollback === "due") return facts.hasToWrite ? "commit" : "rollBack";
  if (facts.rollback === "begun") return "release";
  if (!facts.isGateOpen && facts.isQuiet) return facts.isPauseRequested ? "pause" : "release";
  const isWaiting = facts.isGateOpen && facts.isQuiet && !facts.hasOutcome;
  if (isWaiting && (facts.nextWaitMs ?? 0) >= INLINE_WAIT_MS) return "suspend";
  return facts.hasToWrite ? "commit" : "idle";
}

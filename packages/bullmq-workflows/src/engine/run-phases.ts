/**
 * What an activation runs, one thing at a time: `run()` forwards, or a replay of it that only finds out how
 * its steps are undone; then, if it has to be, the way back.
 */
import type { HeldClaim } from "./activation-parts.ts";
import type { Batch } from "./journal.ts";
import { rollBack, rollbackOf, turnBack } from "./rollback.ts";
import { Run } from "./run.ts";
import type { RunOwner, RunParts } from "./run.ts";
import { startRun } from "./run-starter.ts";
import { decideTurn } from "./turn-decision.ts";
import type { TurnDecision, TurnFacts } from "./turn-decision.ts";

export class RunPhases {
  readonly #parts: RunParts;
  readonly #owner: RunOwner;
  #run: Run;

  constructor(parts: RunParts, owner: RunOwner) {
    this.#parts = parts;
    this.#owner = owner;
    this.#run = new Run(parts, owner);
  }

  /** The run that counts now. */
  get run(): Run {
    return this.#run;
  }

  /** Takes over what a claim brings. */
  hearClaim(claim: HeldClaim): void {
    const run = this.#run;
    run.lease.prolong(claim.leaseEndsAt);
    run.caution.set(claim.isAfterCrash);
    run.waits.reset(claim.events);
    run.waits.hearUntil(claim.now);
    run.storeTime.hear(claim.now);
    run.record(claim.history);
  }

  start(claim: HeldClaim, waitUntil: (work: Promise<unknown>) => void): void {
    if (this.#run.register()) this.#run.requestTurn();
    else startRun(this.#run, claim, waitUntil);
  }

  /** Goes on to the way back when that is due and known; answers whether it has. */
  advance(): boolean {
    const { registration, rollbacks, timeline } = this.#run;
    if (
      registration?.isOver ||
      (rollbackOf(this.#run) === "begun" && rollbacks.suffice(timeline))
    ) {
      const forward = this.#run;
      this.#run = turnBack(forward, this.#parts, this.#owner);
      // Not before its gate is as it has to be.
      queueMicrotask(() => {
        rollBack(this.#run, forward.rollbacks).catch(this.#owner.onUnreadable);
      });
      return true;
    }
    registration?.takeTurn();
    return false;
  }

  /** A batch was written then. */
  hearWritten({ entries }: Batch, at: number): void {
    this.#run.storeTime.hear(at);
    this.#run.record(entries.map((text) => ({ text, at })));
  }

  /** Milliseconds until the next wait is due by the store's clock, or of those that end behind a closed gate. */
  nextWaitMs(isParked: boolean): number | undefined {
    const { gate, waits } = this.#run;
    return waits.isEmpty
      ? undefined
      : waits.dueInMs(this.#run.storeTime.now(), isParked || gate.isOpen);
  }

  /** What to do at the end of a turn. */
  decide(
    around: Pick<TurnFacts, "isPauseRequested" | "isKept" | "nextWaitMs">,
    wantsNews: boolean,
  ): TurnDecision {
    const run = this.#run;
    return decideTurn({
      hasResult: run.isOver,
      rollback: rollbackOf(run),
      isGateOpen: run.gate.isOpen,
      isPauseRequested: around.isPauseRequested,
      isQuiet: run.isQuiet,
      hasOutcome: run.races.hasStaged,
      hasToWrite: !run.journal.isEmpty || wantsNews,
      isToBeCommitted: run.journal.hasStreams || run.journal.isSplit,
      isUnderBarrier: run.journal.barrier !== "memory",
      isKept: around.isKept,
      nextWaitMs: around.nextWaitMs,
    });
  }
}

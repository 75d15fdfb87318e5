/**
 * A replay of `run()` that only finds out how its steps are undone.
 *
 * Steps on record return or throw what they did, and name their rollbacks on the way. When all that is
 * done, what has started and not ended resolves with nothing, and so do sleeps and waits: not before, or
 * names would be counted in another order than they were. Nothing new begins: the promise of a new step
 * never settles (I7). What `run()` itself comes to is of no interest.
 *
 * It ends, whatever the code does: only a step on record that is asked for again is progress, and of those
 * there is a fixed number. All else may go on for ever, like a loop of sleeps, or something of its own
 * that hangs.
 */
import type { CancelTimer } from "./ports/clock.ts";
import type { Run } from "./run.ts";
import type { AskedStep } from "./step-calls.ts";

/**
 * How long it goes on without progress while rollbacks are still missing. The code may be on its way
 * through something of its own.
 */
const PATIENCE_MS = 60_000;

/** How many sleeps and waits that were never on record end without progress between them. */
const NEW_WAITS_LIMIT = 1_000;

export class Registration {
  readonly #run: Run;
  readonly #unended: AskedStep[] = [];
  #cancel: CancelTimer | undefined;
  #isGivenUp = false;
  /** How many steps on record were asked for, and how many of them patience was renewed for. */
  #found = 0;
  #renewedFor = 0;
  #newWaits = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Whether nothing more is to be found out. */
  get isOver(): boolean {
    return this.#isGivenUp || this.#run.rollbacks.suffice(this.#run.timeline);
  }

  /** The code asks for a step; one that is not on record is {@link Registration.pass | passed} next. */
  hearStep(): void {
    this.#found++;
  }

  /** What happens to a step that is not on record as settled. */
  pass(asked: AskedStep): void {
    const { key, state } = asked;
    if (!state) this.#found--;
    const isWait = key.startsWith("sleep:") || key.startsWith("wait:");
    const isResolved = state
      ? isWait || key.startsWith("do:")
      : isWait && ++this.#newWaits <= NEW_WAITS_LIMIT;
    if (!isResolved) return;
    this.#unended.push(asked);
    this.#run.requestTurn();
  }

  /** Resolves the next of what has not ended, if nothing moves any more. */
  takeTurn(): void {
    if (this.#found > this.#renewedFor) this.#renew();
    const next = this.#run.isQuiet ? this.#unended.shift() : undefined;
    if (!next) return;
    next.scope.withdraw(next.key)?.resolve({ type: "elapsed" });
    this.#run.clock.nextTurn(this.#run.requestTurn);
  }

  /** From here on it is over when there is no progress for long. */
  waitForMore(): void {
    this.stop();
    this.#cancel = this.#run.clock.after(PATIENCE_MS, () => {
      // Outcomes on record are still on their way to the code.
      if (!this.#run.isQuiet) return this.waitForMore();
      this.#isGivenUp = true;
      this.#run.requestTurn();
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  #renew(): void {
    this.#renewedFor = this.#found;
    this.#newWaits = 0;
    this.waitForMore();
  }
}

/**
 * A replay of `run()` that only finds out how its steps are undone.
 *
 * Steps on record return or throw what they did, and name their rollbacks on the way. When all that is
 * done, what has started and not ended resolves with nothing, and so do sleeps and waits: not before, or
 * names would be counted in another order than they were. Nothing new begins: the promise of a new step
 * never settles (I7). What `run()` itself comes to is of no interest.
 */
import type { CancelTimer } from "./ports.ts";
import type { AskedStep, Run } from "./run.ts";

/**
 * How long it may be quiet, once `run()` has ended or a step of it will never settle, while rollbacks are
 * still missing. A branch beside it may be on its way through something of its own.
 */
const PATIENCE_MS = 10_000;

export class Registration {
  readonly #run: Run;
  readonly #unended: AskedStep[] = [];
  #cancel: CancelTimer | undefined;
  #isGivenUp = false;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Whether nothing more is to be found out. */
  get isOver(): boolean {
    return this.#isGivenUp || this.#run.rollbacks.suffice(this.#run.timeline);
  }

  /** The code asks for a step: it is not quiet. */
  hearStep(): void {
    if (this.#cancel) this.waitForMore();
  }

  /** What happens to a step that is not on record as settled. */
  pass(asked: AskedStep): void {
    const { key } = asked;
    const isOver = key.startsWith("sleep:") || key.startsWith("wait:");
    const isStarted = key.startsWith("do:") && this.#run.timeline.steps.has(key);
    if (!isOver && !isStarted) return this.waitForMore();
    this.#unended.push(asked);
    this.#run.requestTurn();
  }

  /** Resolves the next of what has not ended, if nothing moves any more. */
  takeTurn(): void {
    const next = this.#run.isQuiet ? this.#unended.shift() : undefined;
    if (!next) return;
    next.scope.withdraw(next.key)?.resolve({ type: "elapsed" });
    this.#run.clock.nextTurn(this.#run.requestTurn);
  }

  /** From here on it is over when nothing is heard for long. */
  waitForMore(): void {
    this.stop();
    this.#cancel = this.#run.clock.after(PATIENCE_MS, () => {
      this.#isGivenUp = true;
      this.#run.requestTurn();
    });
  }

  stop(): void {
    this.#cancel?.();
  }
}

/**
 * A replay of `run()` that only finds out how its steps are undone.
 *
 * Steps on record return or throw what they did, and name their rollbacks on the way; what has started
 * and not ended resolves with nothing; sleeps and waits are over at once. Nothing new begins: the
 * promise of a new step never settles (I7). What `run()` itself comes to is of no interest.
 */
import type { CancelTimer } from "./ports.ts";
import type { AskedStep, Run } from "./run.ts";

/**
 * How long the code may take, once a step of it will never settle, until it asks for the next one. A
 * branch beside it may be on its way through something of its own.
 */
const PATIENCE_MS = 10_000;

export class Registration {
  readonly #run: Run;
  #cancel: CancelTimer | undefined;
  #isGivenUp = false;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Whether nothing more is to be found out. */
  get isOver(): boolean {
    const { result, rollbacks, timeline } = this.#run;
    return this.#isGivenUp || result !== undefined || rollbacks.suffice(timeline);
  }

  /** What happens to a step that is not on record as settled. */
  pass({ key, scope }: AskedStep): void {
    const { clock, timeline } = this.#run;
    const isOver = key.startsWith("sleep:") || key.startsWith("wait:");
    const isStarted = key.startsWith("do:") && timeline.steps.has(key);
    if (this.#cancel || !(isOver || isStarted)) this.#waitForMore();
    if (!isOver && !isStarted) return;
    clock.nextTurn(() => {
      if (!this.#run.isStopped) scope.withdraw(key)?.resolve({ type: "elapsed" });
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  #waitForMore(): void {
    this.#cancel?.();
    this.#cancel = this.#run.clock.after(PATIENCE_MS, () => {
      this.#isGivenUp = true;
      this.#run.requestTurn();
    });
  }
}

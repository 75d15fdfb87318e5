/**
 * A clock that stands still until it is told to advance.
 *
 * Timers fire in the order in which they are due, then in that in which they were set, and only from
 * {@link VirtualClock.advance} and {@link VirtualClock.advanceToNext}. Before each, everything that is
 * ready to run has run, so a schedule of timers plays the same way every time. Nothing waits for real
 * time: thousands of simulated days take a second.
 */
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import { SortedList } from "./sorted-list.ts";

/** Where virtual time starts unless told otherwise: 2025-06-15T15:06:40Z. */
export const VIRTUAL_EPOCH = 1_750_000_000_000;

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  readonly callback: () => void;
}

export class VirtualClock implements Clock {
  readonly #timers = new SortedList<Timer>((a, b) => a.dueAt - b.dueAt || a.order - b.order);
  #now: number;
  #timerCount = 0;
  #pendingTurns = 0;
  #isAdvancing = false;

  constructor(epoch: number = VIRTUAL_EPOCH) {
    this.#now = epoch;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    if (Number.isNaN(delayMs)) {
      throw new RangeError("Expected the delay of a timer to be a number of milliseconds, got NaN");
    }
    this.#timerCount += 1;
    const dueAt = this.#now + Math.max(0, Math.ceil(delayMs));
    const timer = { dueAt, order: this.#timerCount, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.remove(timer);
    };
  }

  nextTurn(callback: () => void): void {
    this.#pendingTurns += 1;
    // Node drains the microtasks between two immediates, so each callback has a turn of its own.
    setImmediate(() => {
      this.#pendingTurns -= 1;
      callback();
    });
  }

  /** When the next timer is due. */
  get nextTimerAt(): number | undefined {
    return this.#timers.first?.dueAt;
  }

  /** Resolves once nothing is left to run at this instant. */
  async settle(): Promise<void> {
    do {
      // By the time an immediate runs, those before it and all their microtasks have run.
      await new Promise<void>((resolve) => void setImmediate(resolve));
    } while (this.#pendingTurns > 0);
  }

  /** Moves time on, stopping at each timer on the way until all that it set off has settled. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    await this.#exclusively(async () => {
      while (this.nextTimerAt !== undefined && this.nextTimerAt <= end) {
        await this.#fireNext();
      }
      this.#now = end;
    });
  }

  /** Moves time on to the next timer and fires it; answers whether there was one. */
  async advanceToNext(): Promise<boolean> {
    return await this.#exclusively(async () => await this.#fireNext());
  }

  async #fireNext(): Promise<boolean> {
    const timer = this.#timers.shift();
    if (timer === undefined) {
      return false;
    }
    this.#now = timer.dueAt;
    timer.callback();
    await this.settle();
    return true;
  }

  /** Two advances at once would mix their instants; that is a forgotten `await` in a test. */
  async #exclusively<T>(advance: () => Promise<T>): Promise<T> {
    if (this.#isAdvancing) {
      throw new Error("The virtual clock is advancing already: await the advance before this one");
    }
    this.#isAdvancing = true;
    try {
      await this.settle();
      return await advance();
    } finally {
      this.#isAdvancing = false;
    }
  }
}

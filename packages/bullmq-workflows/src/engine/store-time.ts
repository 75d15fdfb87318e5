/** The store's clock as far as it is known here: what it said last, and how long ago that was. */
import type { Clock } from "./ports/clock.ts";

export class StoreTime {
  readonly #clock: Clock;
  #at = 0;
  #heardAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  hear(at: number): void {
    this.#at = at;
    this.#heardAt = this.#clock.now();
  }

  /** Never ahead of the store's clock: a timer that looks due here is due there (I5). */
  now(): number {
    return this.#at + this.#clock.now() - this.#heardAt;
  }
}

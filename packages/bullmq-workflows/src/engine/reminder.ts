/** Reminds an activation to look again, at one instant at a time: setting it ends the one before. */
import type { CancelTimer, Clock } from "./ports/clock.ts";

/** None is needed beyond this: the lease is renewed, and with it news comes, far more often. */
const MAX_DELAY_MS = 86_400_000;

export class Reminder {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Without a delay there is none any more. */
  set(delayMs: number | undefined): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (delayMs === undefined || delayMs > MAX_DELAY_MS) return;
    this.#cancel = this.#clock.after(delayMs, this.#onDue);
  }
}

/**
 * Work that user code handed to `waitUntil`. The activation keeps its claim for it: a crash meanwhile makes
 * another activation run the code that began it again. But for no longer than a grace per piece of work,
 * as what never ends must not hold an instance; after that it just goes on.
 */
import type { CancelTimer, Clock } from "./ports/clock.ts";

/** As long as Cloudflare lets such work go on. */
export const BACKGROUND_GRACE_MS = 30_000;

export class Background {
  readonly #clock: Clock;
  readonly #onReleased: () => void;
  readonly #holding = new Set<CancelTimer>();

  constructor(clock: Clock, onReleased: () => void) {
    this.#clock = clock;
    this.#onReleased = onReleased;
  }

  /** Whether the claim is to be kept. */
  get isHolding(): boolean {
    return this.#holding.size > 0;
  }

  add(work: Promise<unknown>): void {
    const release = (): void => {
      cancel();
      if (this.#holding.delete(cancel)) this.#onReleased();
    };
    const cancel = this.#clock.after(BACKGROUND_GRACE_MS, release);
    this.#holding.add(cancel);
    work.then(release, release);
  }

  /** The claim is gone, so nothing is held for it. */
  end(): void {
    for (const cancel of this.#holding) cancel();
    this.#holding.clear();
  }
}

/**
 * Measures out so many calls per key and window, spread evenly: what was used comes back bit by bit, not
 * all at once when a window ends, so there is no moment that everybody waits for.
 *
 * One number is kept per key: the instant at which all of its quota would be back. Keys whose quota is back
 * are like keys never seen, so that forgetting the oldest of too many costs little.
 */

export interface MeterOptions {
  readonly quota: number;
  readonly windowMs: number;
  /** Keys that are remembered at once. */
  readonly keyLimit: number;
  /** In ms, never going back. */
  readonly now: () => number;
}

export interface Reading {
  readonly isExhausted: boolean;
  readonly remaining: number;
  /** Until all of the quota is back. */
  readonly resetMs: number;
  /** Until the next one is back. */
  readonly retryMs: number;
}

export class Meter {
  readonly #options: MeterOptions;
  /** When each key has all of its quota again. The one used longest ago comes first. */
  readonly #fullAt = new Map<string, number>();

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  /** Takes one of the key's quota, if there is one. */
  take(key: string): Reading {
    const before = this.read(key);
    if (before.isExhausted) return before;
    const { now, keyLimit } = this.#options;
    this.#fullAt.delete(key);
    this.#fullAt.set(key, now() + before.resetMs + this.#eachMs);
    if (this.#fullAt.size > keyLimit) this.#forgetOldest();
    return { ...this.read(key), isExhausted: false };
  }

  read(key: string): Reading {
    const { now, quota, windowMs } = this.#options;
    const resetMs = Math.max(0, (this.#fullAt.get(key) ?? 0) - now());
    // Instants are fractions, and sums of them are not exact.
    const used = Math.ceil(resetMs / this.#eachMs - 1e-6);
    const remaining = Math.max(0, quota - used);
    const retryMs = Math.max(0, resetMs + this.#eachMs - windowMs);
    return { isExhausted: remaining === 0, remaining, resetMs, retryMs };
  }

  get #eachMs(): number {
    return this.#options.windowMs / this.#options.quota;
  }

  #forgetOldest(): void {
    const [oldest] = this.#fullAt.keys();
    if (oldest !== undefined) this.#fullAt.delete(oldest);
  }
}

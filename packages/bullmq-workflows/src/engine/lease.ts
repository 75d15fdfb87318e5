/**
 * Until when a worker may begin attempts of an instance, by the worker's own clock.
 *
 * A process that was stopped or blocked for longer than its lease cannot know it: it goes on where it
 * stood, while another worker may have run and committed the very steps it is about to begin (I1). So
 * an attempt begins only while the lease surely holds, else when the store has confirmed it. The end is
 * counted from before the store was asked, so that it never lies after the store's.
 */
import { AsyncResource } from "node:async_hooks";
import type { Clock } from "./ports/clock.ts";

export class Lease {
  readonly #clock: Clock;
  readonly #line: (() => void)[] = [];
  #endsAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get endsAt(): number {
    return this.#endsAt;
  }

  /** Begins now, or when the lease is prolonged. */
  begin(attempt: () => void): void {
    if (this.#clock.now() < this.#endsAt) attempt();
    else this.#line.push(AsyncResource.bind(attempt));
  }

  /** Whether the lease holds is not known until the store confirms it. */
  doubt(): void {
    this.#endsAt = -Infinity;
  }

  /** The store gave or confirmed the lease. */
  prolong(endsAt: number): void {
    this.#endsAt = Math.max(this.#endsAt, endsAt);
    if (this.#line.length === 0) return;
    for (const attempt of this.#line.splice(0)) this.begin(attempt);
  }
}

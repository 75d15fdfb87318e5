import type { Clock } from "../../src/engine/ports/clock.ts";

/** Collects what must never happen. User code would swallow a thrown error, so nothing is thrown. */
export class Violations {
  readonly found: string[] = [];
  readonly #clock: Pick<Clock, "now">;
  readonly #epoch: number;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
    this.#epoch = clock.now();
  }

  report(invariant: string, what: string): void {
    this.found.push(`${invariant} at ${this.#clock.now() - this.#epoch} ms: ${what}`);
  }

  /** Reports unless the condition holds. */
  check(isRight: boolean, invariant: string, what: () => string): void {
    if (!isRight) this.report(invariant, what());
  }
}

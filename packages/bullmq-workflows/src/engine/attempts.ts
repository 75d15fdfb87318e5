/** The attempts that run now in one activation, and the means to stop them. */
import type { StepKey } from "../model/step-key.ts";
import { Attempt } from "./attempt.ts";

export class Attempts {
  readonly #running = new Map<StepKey, Attempt>();
  readonly #begun = new Set<StepKey>();

  get running(): number {
    return this.#running.size;
  }

  begin(key: StepKey, number: number): Attempt {
    const attempt = new Attempt(number);
    this.#running.set(key, attempt);
    this.#begun.add(key);
    return attempt;
  }

  /** Whether any attempt of the step was begun here. */
  hasBegun(key: StepKey): boolean {
    return this.#begun.has(key);
  }

  /** Whether this is still the attempt that counts for the step. */
  isCurrent(key: StepKey, attempt: Attempt): boolean {
    return this.#running.get(key) === attempt;
  }

  end(key: StepKey): void {
    this.#running.delete(key);
  }

  abort(key: StepKey, reason: string): void {
    const attempt = this.#running.get(key);
    this.#running.delete(key);
    attempt?.abort(new DOMException(reason, "AbortError"));
  }

  abortAll(reason: string): void {
    for (const key of this.#running.keys()) this.abort(key, reason);
  }
}

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
    this.end(key);
    const attempt = new Attempt(number);
    this.#running.set(key, attempt);
    this.#begun.add(key);
    return attempt;
  }

  /** Whether any attempt of the step was begun here. */
  hasBegun(key: StepKey): boolean {
    return this.#begun.has(key);
  }

  end(key: StepKey): void {
    this.#running.get(key)?.retire();
    this.#running.delete(key);
  }

  abort(key: StepKey, reason: string): void {
    const attempt = this.#running.get(key);
    if (!attempt) return;
    this.end(key);
    attempt.abort(new DOMException(reason, "AbortError"));
  }

  abortAll(reason: string): void {
    for (const key of this.#running.keys()) this.abort(key, reason);
  }
}

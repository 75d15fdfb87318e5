/** The attempts of one activation, the last one of each step, and the means to stop them. */
import type { StepKey, StepPath } from "../model/step-key.ts";
import { Attempt } from "./attempt.ts";

export class Attempts {
  readonly #last = new Map<StepKey, Attempt>();
  #running = 0;

  get running(): number {
    return this.#running;
  }

  begin(key: StepKey, number: number, path: StepPath): Attempt {
    this.end(key);
    const attempt = new Attempt(number, path);
    this.#last.set(key, attempt);
    this.#running++;
    return attempt;
  }

  /** The last attempt of the step that was begun here, whether or not it is over. */
  lastOf(key: StepKey): Attempt | undefined {
    return this.#last.get(key);
  }

  end(key: StepKey): void {
    const attempt = this.#last.get(key);
    if (!attempt?.isCurrent) return;
    attempt.retire();
    this.#running--;
  }

  abort(key: StepKey, reason: string): void {
    const attempt = this.#last.get(key);
    if (!attempt?.isCurrent) return;
    this.end(key);
    attempt.abort(new DOMException(reason, "AbortError"));
  }

  abortAll(reason: string): void {
    for (const key of this.#last.keys()) this.abort(key, reason);
  }
}

/** The attempts that run now in one activation, and the means to stop them. */
import type { StepKey, StepPath } from "../model/step-key.ts";
import { Attempt } from "./attempt.ts";
import type { CallingRun } from "./calling-code.ts";

export class Attempts {
  readonly #run: CallingRun;
  /** Every step of which an attempt was begun here, with the one that runs now. */
  readonly #begun = new Map<StepKey, Attempt | undefined>();
  #running = 0;

  constructor(run: CallingRun) {
    this.#run = run;
  }

  get running(): number {
    return this.#running;
  }

  begin(key: StepKey, number: number, path: StepPath): Attempt {
    this.end(key);
    const attempt = new Attempt(number, path, this.#run);
    this.#begun.set(key, attempt);
    this.#running++;
    return attempt;
  }

  /** Whether any attempt of the step was begun here. */
  hasBegun(key: StepKey): boolean {
    return this.#begun.has(key);
  }

  /** The attempt of the step that runs now. */
  of(key: StepKey): Attempt | undefined {
    return this.#begun.get(key);
  }

  /** Nothing of it is kept: its callback may hold anything. */
  end(key: StepKey): void {
    const attempt = this.#begun.get(key);
    if (!attempt) return;
    attempt.retire();
    // A map that loses its last entry is made anew, smaller: here after every step.
    this.#begun.set(key, undefined);
    this.#running--;
  }

  abort(key: StepKey, reason: string): void {
    const attempt = this.#begun.get(key);
    this.end(key);
    attempt?.abort(new DOMException(reason, "AbortError"));
  }

  abortAll(reason: string): void {
    for (const key of this.#begun.keys()) this.abort(key, reason);
  }
}

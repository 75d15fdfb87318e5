/** The attempts that run now in one activation, and the means to stop them. */
import type { StepKey, StepPath } from "../model/step-key.ts";
import { Attempt } from "./attempt.ts";
import type { CallingRun } from "./calling-code.ts";

export class Attempts {
  readonly #run: CallingRun;
  readonly #running = new Map<StepKey, Attempt>();
  readonly #begun = new Set<StepKey>();

  constructor(run: CallingRun) {
    this.#run = run;
  }

  get running(): number {
    return this.#running.size;
  }

  begin(key: StepKey, number: number, path: StepPath): Attempt {
    this.end(key);
    const attempt = new Attempt(number, path, this.#run);
    this.#running.set(key, attempt);
    this.#begun.add(key);
    return attempt;
  }

  /** Whether any attempt of the step was begun here. */
  hasBegun(key: StepKey): boolean {
    return this.#begun.has(key);
  }

  /** The attempt of the step that runs now. */
  of(key: StepKey): Attempt | undefined {
    return this.#running.get(key);
  }

  /** Nothing of it is kept: its callback may hold anything. */
  end(key: StepKey): void {
    const attempt = this.#running.get(key);
    if (!attempt) return;
    attempt.retire();
    this.#running.delete(key);
  }

  abort(key: StepKey, reason: string): void {
    const attempt = this.#running.get(key);
    this.end(key);
    attempt?.abort(new DOMException(reason, "AbortError"));
  }

  abortAll(reason: string): void {
    for (const key of this.#running.keys()) this.abort(key, reason);
  }
}

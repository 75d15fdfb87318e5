import type { StepKey } from "../model/step-key.ts";

/** The attempts that run now in one activation, and the means to stop them. */
export class Attempts {
  readonly #controllers = new Map<StepKey, AbortController>();
  readonly #begun = new Set<StepKey>();

  get running(): number {
    return this.#controllers.size;
  }

  begin(key: StepKey): AbortController {
    const controller = new AbortController();
    this.#controllers.set(key, controller);
    this.#begun.add(key);
    return controller;
  }

  /** Whether any attempt of the step was begun here. */
  hasBegun(key: StepKey): boolean {
    return this.#begun.has(key);
  }

  /** Whether this is still the attempt that counts for the step. */
  isCurrent(key: StepKey, controller: AbortController): boolean {
    return this.#controllers.get(key) === controller;
  }

  end(key: StepKey): void {
    this.#controllers.delete(key);
  }

  abort(key: StepKey, reason: string): void {
    const controller = this.#controllers.get(key);
    this.#controllers.delete(key);
    controller?.abort(new DOMException(reason, "AbortError"));
  }

  abortAll(reason: string): void {
    for (const key of this.#controllers.keys()) this.abort(key, reason);
  }
}

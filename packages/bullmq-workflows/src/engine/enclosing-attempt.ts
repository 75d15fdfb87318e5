/**
 * An attempt of a step, as the one in whose callback other steps are called.
 *
 * Most callbacks call none, so what only those steps need is made with the first of them.
 */
import { StepCounter } from "../model/step-key.ts";
import type { StepKey, StepPath } from "../model/step-key.ts";
import type { ReplayScope } from "./replay-scope.ts";

interface Inside {
  readonly counter: StepCounter;
  /** The steps that it has called. */
  readonly keys: StepKey[];
  readonly scope: ReplayScope;
}

export class EnclosingAttempt {
  readonly path: StepPath;
  /** Whether the attempt still counts. */
  readonly isCurrent: () => boolean;
  readonly #openScope: () => ReplayScope;
  #inside: Inside | undefined;

  constructor(path: StepPath, isCurrent: () => boolean, openScope: () => ReplayScope) {
    this.path = path;
    this.isCurrent = isCurrent;
    this.#openScope = openScope;
  }

  /** What the steps called in it share. */
  get inside(): Inside {
    this.#inside ??= { counter: new StepCounter(), keys: [], scope: this.#openScope() };
    return this.#inside;
  }

  /** The same, if any step was called in it. */
  get insideSoFar(): Inside | undefined {
    return this.#inside;
  }
}

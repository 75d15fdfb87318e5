/**
 * An attempt of a step, as the one in whose callback other steps are called.
 *
 * Most callbacks call none, so what only those steps need is made with the first of them.
 */
import { StepCounter } from "../model/step-key.ts";
import type { StepKey, StepPath } from "../model/step-key.ts";
import type { Attempt } from "./attempt.ts";
import type { Replay } from "./replay.ts";
import type { ReplayScope } from "./replay-scope.ts";

interface Inside {
  readonly counter: StepCounter;
  /** The steps that it has called. */
  readonly keys: StepKey[];
  readonly scope: ReplayScope;
}

export class EnclosingAttempt {
  readonly path: StepPath;
  readonly attempt: Attempt;
  #inside: Inside | undefined;

  constructor(path: StepPath, attempt: Attempt) {
    this.path = path;
    this.attempt = attempt;
  }

  /** What the steps called in it share, if any were. */
  get inside(): Inside | undefined {
    return this.#inside;
  }

  /** The same, for the first of them too. */
  enter(replay: Replay): Inside {
    this.#inside ??= { counter: new StepCounter(), keys: [], scope: replay.open(this.path) };
    return this.#inside;
  }
}

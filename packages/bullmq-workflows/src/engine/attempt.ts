/**
 * One try of a step's callback: what calls it off, and what steps called in the callback share.
 *
 * An AbortController costs more than all else about a short attempt, and few callbacks ask for the
 * signal, or call steps. So both are made when they do.
 */
import { StepCounter } from "../model/step-key.ts";
import type { StepKey, StepPath } from "../model/step-key.ts";
import type { CallingRun } from "./calling-code.ts";
import type { Replay } from "./replay.ts";
import type { ReplayScope } from "./replay-scope.ts";

/** What the steps called in an attempt share. */
interface Inside {
  readonly counter: StepCounter;
  /** The steps that it has called. */
  readonly keys: StepKey[];
  readonly scope: ReplayScope;
}

/** What runs an attempt's callback. */
export interface Runner {
  /** Stops listening to the callback: the attempt is called off. */
  stop(reason: unknown): void;
}

export class Attempt {
  /** 1 for the first one. */
  readonly number: number;
  readonly path: StepPath;
  /** Whose step it is of. */
  readonly run: CallingRun;
  /**
   * Present while the callback runs. An object and no function: of a field that held another function
   * before, V8 keeps what the function closes over, here the whole activation, until the next major GC.
   */
  runner: Runner | undefined;
  #isCurrent = true;
  #inside: Inside | undefined;
  #controller: AbortController | undefined;
  #abortion: { readonly reason: unknown } | undefined;

  constructor(number: number, path: StepPath, run: CallingRun) {
    this.number = number;
    this.path = path;
    this.run = run;
  }

  /** Whether it is still the attempt that counts for its step. */
  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#abortion) this.#controller.abort(this.#abortion.reason);
    }
    return this.#controller.signal;
  }

  /** A step is called in it. */
  enter(replay: Replay): Inside {
    this.#inside ??= { counter: new StepCounter(), keys: [], scope: replay.open(this.path) };
    return this.#inside;
  }

  /** It is over: answers what it called and did not see the end of, which belongs to nobody now. */
  leave(): Inside | undefined {
    const inside = this.#inside;
    this.#inside = undefined;
    return inside;
  }

  /** It has ended, or another one counts now. */
  retire(): void {
    this.#isCurrent = false;
  }

  abort(reason: unknown): void {
    if (this.#abortion) return;
    this.#abortion = { reason };
    this.#controller?.abort(reason);
    this.runner?.stop(reason);
    this.runner = undefined;
  }
}

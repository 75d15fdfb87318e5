/**
 * The step calls of one run: each gets its identity when it is made (kind, name and occurrence, and in which
 * step), and the promise that it is handed out with is known by it.
 */
import type { StepReference } from "../model/history.ts";
import { StepCounter, toDisplayName, toStepKey, toStepPath } from "../model/step-key.ts";
import type { StepKey, StepKind, StepPath } from "../model/step-key.ts";
import type { StepState } from "../model/timeline.ts";
import { callingAttempt } from "./calling-code.ts";
import type { ReplayScope } from "./replay-scope.ts";
import type { Run } from "./run.ts";

/** A step call that got its identity. */
export interface AskedStep {
  readonly key: StepKey;
  readonly name: string;
  readonly count: number;
  readonly path: StepPath;
  readonly reference: StepReference;
  /** What the history knows of it. */
  readonly state: StepState | undefined;
  readonly isNested: boolean;
  /** Where its outcome is released, among those of the steps beside it. */
  readonly scope: ReplayScope;
}

export class StepCalls {
  readonly #run: Run;
  readonly #counter = new StepCounter();
  #doCount = 0;
  #callCount = 0;
  #insideCount = 0;
  /** Which step a promise handed to user code belongs to. */
  readonly #keys = new WeakMap<Promise<unknown>, StepKey>();

  constructor(run: Run) {
    this.#run = run;
  }

  ask(kind: StepKind, name: string): AskedStep {
    const run = this.#run;
    run.refuseRolledBack();
    run.registration?.hearStep();
    const enclosing = callingAttempt();
    const inside = enclosing?.enter(run.replay);
    const count = (inside?.counter ?? this.#counter).next(kind, name);
    const step = toDisplayName(name, count);
    const path = toStepPath(enclosing?.path, step);
    const key = toStepKey(kind, path);
    inside?.keys.push(key);
    const reference: StepReference = enclosing
      ? { step, in: enclosing.path, after: this.#nextInside() }
      : { step, call: ++this.#callCount };
    run.divergence.check(key, reference.call);
    const state = run.timeline.steps.get(key);
    const scope = inside?.scope ?? run.replay.top;
    return { key, name, count, path, reference, state, scope, isNested: enclosing !== undefined };
  }

  /** Counts a `step.do` call; answers whether the limit allows it. */
  countDo(): boolean {
    return ++this.#doCount <= this.#run.definition.stepLimit;
  }

  /** The promise is the one that this step's call is answered with. */
  handOut(promise: Promise<unknown>, key: StepKey): void {
    this.#keys.set(promise, key);
  }

  keyOf(promise: Promise<unknown>): StepKey | undefined {
    return this.#keys.get(promise);
  }

  /** Whatever is on record began before: a replay asks for it again, and maybe only later. */
  #nextInside(): readonly [calls: number, inside: number] {
    const { lastCall, lastInside } = this.#run.timeline;
    this.#insideCount = Math.max(this.#insideCount, lastInside) + 1;
    return [Math.max(this.#callCount, lastCall), this.#insideCount];
  }
}

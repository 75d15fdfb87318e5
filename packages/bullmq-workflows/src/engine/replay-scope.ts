/**
 * The recorded outcomes of one scope, in the order in which they were settled, and who asks for them.
 *
 * `run()` itself is a scope, and so is every attempt of a step that calls steps: a new attempt goes
 * through the outcomes inside the step from the first one, as a replay does through those of `run()`.
 */
import type { StepKey } from "../model/step-key.ts";
import type { Settlement, Timeline } from "../model/timeline.ts";

/** The two ends of a promise that user code holds. */
export interface Settler {
  resolve(settlement: Settlement): void;
}

export class ReplayScope {
  readonly #timeline: Timeline;
  /** Grows as steps of this scope settle. */
  readonly #keys: readonly StepKey[];
  /** Who awaits what. One that was released stays as `undefined`: a map that empties is made anew. */
  readonly #asked = new Map<StepKey, Settler | undefined>();
  /** Steps that were asked for when others had gone ahead of them. */
  readonly #late = new Set<StepKey>();
  #next = 0;
  /** The place, among all outcomes of the instance, of the last one that was released or passed over. */
  #reached = -1;
  #releasable = 0;

  constructor(timeline: Timeline, keys: readonly StepKey[]) {
    this.#timeline = timeline;
    this.#keys = keys;
  }

  /** Settled steps that were asked for and are not released yet. */
  get releasable(): number {
    return this.#releasable;
  }

  ask(key: StepKey, settler: Settler): void {
    this.#asked.set(key, settler);
    const order = this.#timeline.steps.get(key)?.order;
    if (order === undefined) return;
    this.#releasable++;
    if (order <= this.#reached) this.#late.add(key);
  }

  /** A step has settled; answers whether it was asked for here. */
  onSettled(key: StepKey): boolean {
    if (!this.#asked.get(key)) return false;
    this.#releasable++;
    return true;
  }

  /** The step that is to be released next, unless one that comes before it has to be waited for. */
  peek(): StepKey | undefined {
    const [late] = this.#late;
    if (late !== undefined) return late;
    const key = this.#keys[this.#next];
    return key !== undefined && this.#asked.get(key) ? key : undefined;
  }

  take(key: StepKey): Settler | undefined {
    const settler = this.#asked.get(key);
    this.#asked.set(key, undefined);
    this.#releasable--;
    if (!this.#late.delete(key)) this.#advance();
    return settler;
  }

  /** Forgets who asks for a step that has not settled. */
  withdraw(key: StepKey): Settler | undefined {
    const settler = this.#asked.get(key);
    this.#asked.delete(key);
    return settler;
  }

  /** Gives up on outcomes that nobody asks for, up to the next one that somebody does. */
  passOver(): void {
    while (this.#releasable > 0 && this.#next < this.#keys.length && this.peek() === undefined) {
      this.#advance();
    }
  }

  #advance(): void {
    const key = this.#keys[this.#next++] as StepKey;
    this.#reached = this.#timeline.steps.get(key)?.order ?? this.#reached;
  }
}

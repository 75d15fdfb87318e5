/**
 * Hands recorded outcomes to user code, one at a time, in the order in which they were settled.
 *
 * Live and replayed steps take the same way: an outcome enters the timeline first and is released from
 * here. Between two releases everything that the first one set off runs to its end. So whatever user
 * code does with competing promises, it sees them settle in the same order for ever (I6).
 *
 * An outcome whose step has not been asked for yet holds back later ones, because its branch may still
 * be on its way through something of its own (a `fetch` outside a step). It does so only for as long
 * as {@link PATIENCE_MS}. That the code asks for steps in another order than before is no reason to stop
 * waiting: branches that do something of their own may overtake one another.
 */
import type { StepKey } from "../model/step-key.ts";
import type { Settlement, Timeline } from "../model/timeline.ts";
import type { CancelTimer, Clock } from "./ports.ts";

/** How long a replay waits for a recorded step that the code has not asked for. */
const PATIENCE_MS = 1_000;

/** The two ends of a promise that user code holds. */
export interface Settler {
  resolve(settlement: Settlement): void;
}

interface ReplayParts {
  readonly timeline: Timeline;
  readonly clock: Clock;
  /** Called when all that could be released has been, and what it set off has run. */
  readonly onDrained: () => void;
}

export class Replay {
  readonly #timeline: Timeline;
  readonly #clock: Clock;
  readonly #onDrained: () => void;
  readonly #asked = new Map<StepKey, Settler>();
  /** Settled steps whose turn is over: they were released, or nobody had asked for them. */
  readonly #behind = new Set<StepKey>();
  /** Steps that were asked for when their turn was over; the next attempt of an outer step asks again. */
  readonly #late: StepKey[] = [];
  #next = 0;
  /** How many settled steps were asked for and are not released yet. */
  #releasable = 0;
  #isTurnPending = false;
  #isImpatient = false;
  #cancelPatience: CancelTimer | undefined;

  constructor(parts: ReplayParts) {
    this.#timeline = parts.timeline;
    this.#clock = parts.clock;
    this.#onDrained = parts.onDrained;
  }

  /** Whether everything was released and user code had its turn. */
  get isDrained(): boolean {
    return this.#releasable === 0 && !this.#isTurnPending;
  }

  /** Registers who awaits a step. Its outcome comes at once if recorded, else when it is. */
  ask(key: StepKey, settler: Settler): void {
    const settlement = this.#timeline.steps.get(key)?.settlement;
    if (settlement?.type === "cancelled") return;
    // An attempt that is over may still be waiting for it; nothing it would do counts any more.
    const isAskedAgain = this.#asked.has(key);
    this.#asked.set(key, settler);
    if (!settlement || isAskedAgain) return;
    this.#releasable++;
    if (this.#behind.has(key)) this.#late.push(key);
    this.#scheduleTurn();
  }

  /** Takes notice of outcomes that were added to the timeline from this index on. */
  advance(from: number): void {
    for (const key of this.#timeline.settled.slice(from)) {
      if (this.#asked.has(key)) this.#releasable++;
    }
    if (!this.#isTurnPending) this.#release();
  }

  stop(): void {
    this.#cancelPatience?.();
    this.#asked.clear();
    this.#releasable = 0;
  }

  #release(): void {
    const key = this.#late.shift() ?? this.#takeNext();
    const settler = key === undefined ? undefined : this.#asked.get(key);
    const settlement = key === undefined ? undefined : this.#timeline.steps.get(key)?.settlement;
    if (key === undefined || !settler || !settlement) {
      if (this.#releasable === 0) this.#onDrained();
      return;
    }
    this.#asked.delete(key);
    this.#releasable--;
    settler.resolve(settlement);
    this.#scheduleTurn();
  }

  /** The next settled step that may be released, passing over those that will not be asked for. */
  #takeNext(): StepKey | undefined {
    const { settled, steps } = this.#timeline;
    while (this.#next < settled.length) {
      const key = settled[this.#next] as StepKey;
      if (!this.#asked.has(key) && !this.#mayPass(steps.get(key)?.in !== undefined))
        return undefined;
      this.#next++;
      this.#behind.add(key);
      if (this.#asked.has(key)) {
        this.#stopWaiting();
        return key;
      }
    }
    return undefined;
  }

  /** A step inside another step is not asked for once the outer one is recorded. */
  #mayPass(isNested: boolean): boolean {
    if (isNested || this.#isImpatient) return true;
    if (this.#releasable > 0) this.#waitForIt();
    return false;
  }

  #waitForIt(): void {
    this.#cancelPatience ??= this.#clock.after(PATIENCE_MS, () => {
      this.#isImpatient = true;
      this.#release();
    });
  }

  #stopWaiting(): void {
    this.#cancelPatience?.();
    this.#cancelPatience = undefined;
  }

  #scheduleTurn(): void {
    if (this.#isTurnPending) return;
    this.#isTurnPending = true;
    this.#clock.nextTurn(() => {
      this.#isTurnPending = false;
      this.#release();
    });
  }
}

/**
 * Hands recorded outcomes to user code, one at a time, in the order in which they were settled.
 *
 * Live and replayed steps take the same way: an outcome enters the timeline first and is released from
 * here. Between two releases everything that the first one set off runs to its end. So whatever user
 * code does with competing promises, it sees them settle in the same order for ever (I6).
 *
 * An outcome whose step has not been asked for yet holds back later ones of its scope, because its
 * branch may still be on its way through something of its own (a `fetch` outside a step). It does so
 * only for as long as {@link PATIENCE_MS}. That the code asks for steps in another order than before is
 * no reason to stop waiting: branches that do something of their own may overtake one another.
 */
import type { StepKey } from "../model/step-key.ts";
import type { Settlement, Timeline } from "../model/timeline.ts";
import type { CancelTimer, Clock } from "./ports/clock.ts";
import { ReplayScope } from "./replay-scope.ts";
import type { Settler } from "./replay-scope.ts";

/** How long a replay waits for a recorded step that the code has not asked for. */
const PATIENCE_MS = 1_000;

interface ReplayParts {
  readonly timeline: Timeline;
  readonly clock: Clock;
  /** Called when all that could be released has been, and what it set off has run. */
  readonly onDrained: () => void;
  /** Called with the reason when an outcome cannot be turned into a value. */
  readonly onUnreadable: (error: unknown) => void;
}

export class Replay {
  /** The steps that `run()` itself calls. */
  readonly top: ReplayScope;
  readonly #parts: ReplayParts;
  readonly #scopes = new Set<ReplayScope>();
  readonly #patience = new Map<ReplayScope, CancelTimer>();
  #isTurnPending = false;
  #isStopped = false;

  constructor(parts: ReplayParts) {
    this.#parts = parts;
    this.top = this.open(undefined);
  }

  /** Whether everything was released and user code had its turn. */
  get isDrained(): boolean {
    if (this.#isTurnPending) return false;
    for (const scope of this.#scopes) if (scope.releasable > 0) return false;
    return true;
  }

  /** A scope for the steps called in this step, or in `run()` itself; an attempt has one of its own. */
  open(path: string | undefined): ReplayScope {
    const { timeline } = this.#parts;
    const scope = new ReplayScope(timeline, timeline.settledIn(path));
    this.#scopes.add(scope);
    return scope;
  }

  /** Nobody waits for anything in this scope any more. */
  close(scope: ReplayScope): void {
    this.#scopes.delete(scope);
    this.#stopWaiting(scope);
    this.#scheduleTurn();
  }

  /** Registers who awaits a step. Its outcome comes at once if recorded, else when it is. */
  ask(scope: ReplayScope, key: StepKey, settler: Settler): void {
    const settlement = this.#parts.timeline.steps.get(key)?.settlement;
    if (settlement?.type === "cancelled" || !this.#scopes.has(scope)) return;
    scope.ask(key, settler);
    if (settlement) this.#scheduleTurn();
  }

  /** Takes notice of outcomes that were added to the timeline from this index on. */
  advance(from: number): void {
    const { settled } = this.#parts.timeline;
    for (let index = from; index < settled.length; index++) {
      for (const scope of this.#scopes) if (scope.onSettled(settled[index] as StepKey)) break;
    }
    if (!this.#isTurnPending) this.#release();
  }

  stop(): void {
    this.#isStopped = true;
    for (const scope of this.#scopes) this.#stopWaiting(scope);
    this.#scopes.clear();
  }

  /** Releases what was settled first among all scopes. */
  #release(): void {
    const next = this.#takeFirst();
    if (next) {
      const settlement = this.#parts.timeline.steps.get(next.key)?.settlement;
      if (settlement) this.#settle(next.settler, settlement);
      return this.#scheduleTurn();
    }
    if (this.isDrained) this.#parts.onDrained();
  }

  /** What a newer version of the library has recorded may not be understood here. */
  #settle(settler: Settler | undefined, settlement: Settlement): void {
    try {
      settler?.resolve(settlement);
    } catch (error) {
      this.#parts.onUnreadable(error);
    }
  }

  #takeFirst(): { readonly key: StepKey; readonly settler: Settler | undefined } | undefined {
    let first:
      | { readonly scope: ReplayScope; readonly key: StepKey; readonly order: number }
      | undefined;
    for (const scope of this.#scopes) {
      if (scope.releasable === 0) continue;
      const key = scope.peek();
      if (key === undefined) {
        this.#waitForIt(scope);
        continue;
      }
      const order = this.#parts.timeline.steps.get(key)?.order ?? 0;
      if (!first || order < first.order) first = { scope, key, order };
    }
    if (!first) return undefined;
    this.#stopWaiting(first.scope);
    return { key: first.key, settler: first.scope.take(first.key) };
  }

  #waitForIt(scope: ReplayScope): void {
    if (this.#patience.has(scope)) return;
    const giveUp = (): void => {
      this.#patience.delete(scope);
      scope.passOver();
      this.#release();
    };
    this.#patience.set(scope, this.#parts.clock.after(PATIENCE_MS, giveUp));
  }

  #stopWaiting(scope: ReplayScope): void {
    this.#patience.get(scope)?.();
    this.#patience.delete(scope);
  }

  #scheduleTurn(): void {
    if (this.#isTurnPending || this.#isStopped) return;
    this.#isTurnPending = true;
    this.#parts.clock.nextTurn(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isTurnPending = false;
    if (!this.#isStopped) this.#release();
  };
}

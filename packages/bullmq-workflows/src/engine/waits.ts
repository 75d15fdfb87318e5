/**
 * What the code of an activation is waiting for outside itself: instants and events.
 *
 * Only waits that the running code has asked for are here, not all that the history knows. A wait whose
 * beginning is not written yet has no instant on the store's clock; until then it knows its length.
 */
import type { StepKey } from "../model/step-key.ts";
import type { BufferedEvent } from "./ports/activations.ts";

export interface Wait {
  readonly key: StepKey;
  /** Called inside a running step, which cannot end before it does. */
  readonly isNested: boolean;
  /** How long it takes, for as long as `dueAt` does not know. */
  readonly lengthMs: number;
  /** The event type that ends it early. */
  readonly eventType?: string;
  /** When it is due on the store's clock; `undefined` until its beginning is written. */
  dueAt(): number | undefined;
  onDue(): void;
  onEvent?(event: BufferedEvent): void;
}

/** Something that is to end a wait now. */
interface Ending {
  readonly at: number;
  readonly wait?: Wait;
  readonly event?: BufferedEvent;
}

/** When to wake a suspended instance: the sooner of the two. */
export interface WakeUp {
  readonly wakeAt?: number;
  readonly wakeInMs?: number;
}

export class Waits {
  readonly #waits = new Map<StepKey, Wait>();
  /** Asked for while others are being ended; their turn comes with the next {@link Waits.settle}. */
  readonly #added = new Map<StepKey, Wait>();
  #isSettling = false;
  #events: BufferedEvent[] = [];
  /** The instant on the store's clock up to which every event received is known here. */
  #heardUntil = -Infinity;

  get isEmpty(): boolean {
    return this.#waits.size === 0;
  }

  add(wait: Wait): void {
    (this.#isSettling ? this.#added : this.#waits).set(wait.key, wait);
  }

  remove(key: StepKey): void {
    this.#waits.delete(key);
    this.#added.delete(key);
  }

  /** Adds events that were received since. */
  receive(events: readonly BufferedEvent[]): void {
    this.#events.push(...events);
  }

  /** An event that a wait took and does not need after all. */
  giveBack(event: BufferedEvent): void {
    this.#events = [...this.#events, event].toSorted((a, b) => a.seq - b.seq);
  }

  /** Replaces what is known of events by what the store has. */
  reset(events: readonly BufferedEvent[]): void {
    this.#events = [...events];
  }

  /** The store has told all events that it received until then. */
  hearUntil(at: number): void {
    this.#heardUntil = Math.max(this.#heardUntil, at);
  }

  /** Whether a timeout is due that an event may have forestalled which nobody has told of yet (I4). */
  lacksNews(now: number): boolean {
    for (const wait of this.#waits.values()) {
      if (wait.eventType === undefined) continue;
      const at = wait.dueAt();
      if (at !== undefined && at <= now && at > this.#heardUntil) return true;
    }
    return false;
  }

  clear(): void {
    this.#waits.clear();
    this.#added.clear();
    this.#events = [];
  }

  /**
   * Ends every wait that is due at `now` or has its event, in the order in which that came about: an
   * event received before a timeout goes to the wait, one received after it to the next wait (I4). A wait
   * that an ending sets off was not there when the events before that ending were looked at. Behind a
   * closed gate only waits inside running steps end, because those steps have to be able to.
   */
  settle(now: number, isGateOpen = true): void {
    this.#isSettling = true;
    const mayEnd = ({ isNested }: Wait): boolean => isGateOpen || isNested;
    for (const ending of this.#endings(now, mayEnd)) {
      if (ending.event) this.#deliver(ending.event, mayEnd);
      if (ending.wait && this.#waits.delete(ending.wait.key)) ending.wait.onDue();
    }
    this.#isSettling = false;
    for (const [key, wait] of this.#added) this.#waits.set(key, wait);
    this.#added.clear();
  }

  /** The event types that would end a wait. */
  awaits(): readonly string[] {
    const types = new Set<string>();
    for (const { eventType } of this.#waits.values())
      if (eventType !== undefined) types.add(eventType);
    return [...types];
  }

  /** The soonest instant and the soonest length among all waits, or those that end behind a closed gate. */
  wakeUp(isGateOpen = true): WakeUp {
    let wakeAt = Infinity;
    let wakeInMs = Infinity;
    for (const wait of this.#waits.values()) {
      if (!isGateOpen && !wait.isNested) continue;
      const dueAt = wait.dueAt();
      if (dueAt !== undefined) wakeAt = Math.min(wakeAt, dueAt);
      else wakeInMs = Math.min(wakeInMs, wait.lengthMs);
    }
    return {
      ...(wakeAt < Infinity && { wakeAt }),
      ...(wakeInMs < Infinity && { wakeInMs }),
    };
  }

  /** Milliseconds from now, by the store's clock, until the next one is due. */
  dueInMs(now: number, isGateOpen: boolean): number | undefined {
    const { wakeAt = Infinity, wakeInMs = Infinity } = this.wakeUp(isGateOpen);
    const dueInMs = Math.max(0, Math.min(wakeAt - now, wakeInMs));
    return dueInMs === Infinity ? undefined : dueInMs;
  }

  #endings(now: number, mayEnd: (wait: Wait) => boolean): Ending[] {
    const endings: Ending[] = [];
    for (const wait of this.#waits.values()) {
      if (!mayEnd(wait)) continue;
      const dueAt = wait.dueAt();
      if (dueAt !== undefined && dueAt <= now) endings.push({ at: dueAt, wait });
    }
    // In the order in which they were sent, also when the store's clock went back in between (I4).
    let at = -Infinity;
    for (const event of this.#events) {
      at = Math.max(at, event.at);
      endings.push({ at, event });
    }
    return endings.toSorted((a, b) => a.at - b.at || Number(!a.event) - Number(!b.event));
  }

  /** Hands the event to the wait of its type that was asked for first; else it stays in the buffer. */
  #deliver(event: BufferedEvent, mayEnd: (wait: Wait) => boolean): void {
    for (const wait of this.#waits.values()) {
      if (wait.eventType !== event.type || !mayEnd(wait)) continue;
      this.#waits.delete(wait.key);
      this.#events = this.#events.filter(({ seq }) => seq !== event.seq);
      return wait.onEvent?.(event);
    }
  }
}

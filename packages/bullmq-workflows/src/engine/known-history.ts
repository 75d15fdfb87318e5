/**
 * What an activation knows of its instance's history because the store has confirmed it, and the newest
 * part of it word for word: should the store go back in time, it can be put back (docs/guarantees.md).
 *
 * It is kept along with every write, so it only ever takes references: no copies, no timers, nothing
 * that grows with the history.
 */
import { consumedEventOf, streamOf } from "../model/history.ts";
import type { Batch } from "./journal.ts";
import type { Claim, News } from "./ports/activations.ts";
import type { Clock } from "./ports/clock.ts";
import type { HeldEntry, KnownInstance } from "./ports/reassertion.ts";

/** Replicas lag by less. What is older is safe, or lost with everything else. */
export const HELD_MS = 30_000;

/** Of one instance. The newest write is held however large it is. */
const HELD_LENGTH_LIMIT = 1_048_576;
const HELD_WRITES_LIMIT = 5_000;

interface Write {
  readonly at: number;
  readonly entries: readonly string[];
  /** Of all entries together, in characters. */
  readonly length: number;
}

export class KnownHistory {
  readonly instanceId: string;
  readonly createdAt: number;
  readonly #clock: Clock;
  #fence = 0;
  #entries = 0;
  #seenAt = 0;
  #lastEvent = 0;
  #lastEventAt = 0;
  /** The writes held are those from `#first` on; those before it are dropped now and then. */
  #writes: Write[] = [];
  #first = 0;
  #length = 0;

  constructor(instanceId: string, createdAt: number, clock: Clock) {
    this.instanceId = instanceId;
    this.createdAt = createdAt;
    this.#clock = clock;
  }

  get fence(): number {
    return this.#fence;
  }

  get entries(): number {
    return this.#entries;
  }

  /** When it was last confirmed, by the worker's own clock. */
  get seenAt(): number {
    return this.#seenAt;
  }

  /** How much is held, in characters. */
  get heldLength(): number {
    return this.#length;
  }

  /** A claim brings what others have written. */
  hearClaim({ fence, now, history, isContinuation, lastEvent }: Claim): void {
    this.#fence = fence;
    this.#lastEvent = lastEvent;
    this.#lastEventAt = now;
    this.#seenAt = this.#clock.now();
    if (!isContinuation) this.#forgetAll();
    this.#entries += history.length;
    let recent = history.length;
    while (recent > 0 && isRecent(history[recent - 1]?.at, now)) recent--;
    // One more than that: it shows what the others are the end of.
    // Most claims bring nothing.
    if (history.length === 0) return;
    for (const { at, text } of history.slice(Math.max(0, recent - 1))) {
      this.#hold({ at, entries: [text], length: text.length });
    }
  }

  /** The store has confirmed a write. */
  hearWritten({ entries }: Pick<Batch, "entries">, at: number): void {
    this.#seenAt = this.#clock.now();
    if (entries.length === 0) return;
    this.#entries += entries.length;
    let length = 0;
    for (const text of entries) length += text.length;
    this.#hold({ at, entries, length });
  }

  /** News of events came. */
  hearEvents({ events, lastEvent }: News): void {
    this.#lastEvent = Math.max(this.#lastEvent, lastEvent);
    this.#lastEventAt = Math.max(this.#lastEventAt, events.at(-1)?.at ?? 0);
  }

  /** Whether a claim shows less than is known here, or something else. */
  contradicts({ createdAt, history, isContinuation }: Claim): boolean {
    // Who continues was compared by the store: nobody else has had the fence.
    if (isContinuation || createdAt !== this.createdAt || this.#entries === 0) return false;
    const [last, at] = [this.#writes.at(-1), history[this.#entries - 1]];
    return at === undefined || at.at !== last?.at || at.text !== last.entries.at(-1);
  }

  /** For the store to compare with. */
  describe(): KnownInstance {
    const { instanceId, createdAt } = this;
    const ageMs = this.#clock.now() - this.#seenAt;
    // What is as old as that is safe, or lost with everything else: it need not be sent.
    this.#dropOld((this.#writes.at(-1)?.at ?? 0) + ageMs);
    return {
      instanceId,
      createdAt,
      fence: this.#fence,
      ageMs,
      lastEvent: this.#lastEvent,
      lastEventAt: this.#lastEventAt,
      entries: this.#entries,
      held: this.#writes.slice(this.#first).flatMap(toHeldEntries),
    };
  }

  #hold(write: Write): void {
    this.#writes.push(write);
    this.#length += write.length;
    this.#dropOld(write.at);
  }

  /** The oldest one of those that are recent stays, as well as one before it. */
  #dropOld(now: number): void {
    for (;;) {
      const oldest = this.#writes[this.#first];
      const next = this.#writes[this.#first + 1];
      if (oldest === undefined || next === undefined) break;
      const isTooMuch =
        this.#length > HELD_LENGTH_LIMIT || this.#writes.length - this.#first > HELD_WRITES_LIMIT;
      if (isRecent(next.at, now) && !isTooMuch) break;
      this.#length -= oldest.length;
      this.#first++;
    }
    // Half of them at a time, so that a write costs the same however many are held.
    if (this.#first < 16 || this.#first < this.#writes.length / 2) return;
    this.#writes = this.#writes.slice(this.#first);
    this.#first = 0;
  }

  #forgetAll(): void {
    this.#writes = [];
    this.#first = 0;
    this.#length = 0;
    this.#entries = 0;
  }
}

function isRecent(at: number | undefined, now: number): boolean {
  return at !== undefined && at > now - HELD_MS;
}

/**
 * Entries that others wrote say as well which events they took and which streams they keep, so it is
 * they that are asked.
 */
function toHeldEntries({ at, entries }: Write): readonly HeldEntry[] {
  return entries.map((text) => {
    const consumed = consumedEventOf(text);
    const stream = streamOf(text);
    return { at, text, ...(consumed && { consumed }), ...(stream && { stream }) };
  });
}

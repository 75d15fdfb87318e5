/**
 * What a worker knows of instances that it has let go of, for as long as a failover may still show that
 * the store does not. Bounded by age, number and size; the oldest goes first.
 */
import { HELD_MS } from "../engine/known-history.ts";
import type { KnownHistory } from "../engine/known-history.ts";
import type { Clock } from "../engine/ports/clock.ts";
import { FleetingMap } from "./fleeting-map.ts";

const COUNT_LIMIT = 10_000;

/** Of all entries held, in characters. */
const LENGTH_LIMIT = 16_777_216;

interface Remembered {
  readonly known: KnownHistory;
  readonly since: number;
  readonly length: number;
}

export class KnownHistories {
  readonly #clock: Clock;
  readonly #remembered = new FleetingMap<string, Remembered>();
  #length = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the place of what was known of the instance before. */
  remember(known: KnownHistory): void {
    this.forget(known.instanceId);
    const length = known.heldLength;
    this.#remembered.set(known.instanceId, { known, since: this.#clock.now(), length });
    this.#length += length;
    this.#dropOld();
  }

  forget(instanceId: string): void {
    this.#length -= this.#remembered.take(instanceId)?.length ?? 0;
  }

  of(instanceId: string): KnownHistory | undefined {
    return this.#remembered.get(instanceId)?.known;
  }

  all(): readonly KnownHistory[] {
    this.#dropOld();
    return this.#remembered.values.map(({ known }) => known);
  }

  #dropOld(): void {
    const oldest = this.#clock.now() - HELD_MS;
    for (;;) {
      const first = this.#remembered.first;
      const isTooMuch = this.#remembered.size > COUNT_LIMIT || this.#length > LENGTH_LIMIT;
      if (!first || (first.since > oldest && !isTooMuch)) return;
      this.forget(first.known.instanceId);
    }
  }
}

/** Alarms on their way to some consumer, in this process: each rings once somebody listens. */
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import type { Alarm, Ring } from "../engine/ports/dispatcher.ts";
import { nextFiring } from "../model/schedule.ts";

/** What a test wants to become of an alarm that is due: how many times it rings. */
export type InterfereWithAlarm = (key: string) => number;

export class MemoryAlarms {
  readonly #clock: Clock | undefined;
  readonly #set = new Map<string, { readonly alarm: Alarm; readonly cancel: CancelTimer }>();
  readonly #due: string[] = [];
  readonly #listeners: Ring[] = [];
  #interfere: InterfereWithAlarm = () => 1;

  constructor(clock: Clock | undefined) {
    this.#clock = clock;
  }

  /** For tests: how many there are. */
  get count(): number {
    return this.#set.size;
  }

  /** For tests: decides for each alarm that is due from now on how often it rings. */
  interfere(interfere: InterfereWithAlarm): void {
    this.#interfere = interfere;
  }

  /** For tests: what a Redis does that has lost them. */
  forget(): void {
    for (const { cancel } of this.#set.values()) cancel();
    this.#set.clear();
  }

  set(alarms: readonly Alarm[]): void {
    const wanted = new Map(alarms.map((alarm) => [alarm.key, alarm]));
    for (const [key, { cancel }] of this.#set) {
      if (wanted.has(key)) continue;
      cancel();
      this.#set.delete(key);
    }
    for (const alarm of wanted.values()) if (!this.#set.has(alarm.key)) this.#wind(alarm);
  }

  listen(ring: Ring): () => void {
    this.#listeners.push(ring);
    this.#ringOut();
    return () => {
      const index = this.#listeners.indexOf(ring);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }

  #wind(alarm: Alarm, after = this.#now()): void {
    const next = nextFiring(alarm, after);
    if (this.#clock === undefined || next === undefined) return;
    const cancel = this.#clock.after(next - this.#now(), () => {
      this.#wind(alarm, next);
      for (let copies = this.#interfere(alarm.key); copies > 0; copies--) this.#due.push(alarm.key);
      this.#ringOut();
    });
    this.#set.set(alarm.key, { alarm, cancel });
  }

  #now(): number {
    return this.#clock?.now() ?? 0;
  }

  #ringOut(): void {
    for (const key of this.#due.splice(0)) {
      const ring = this.#listeners.shift();
      if (ring === undefined) {
        this.#due.push(key);
        return;
      }
      // To the back of the line, so that the load is shared.
      this.#listeners.push(ring);
      // What goes wrong in there is for who rings to say.
      ring(key).catch(() => undefined);
    }
  }
}

/** What is known of schedules: which were declared, which are in force, up to when each has fired. */
import { PUT_PREFIX } from "../engine/ports/schedules.ts";
import type { ScheduleDeclaration, SchedulesInForce } from "../engine/ports/schedules.ts";

/** Who has not been heard of for so long has nothing to say … */
const LIVE_MS = 60_000;
/** … and is taken for new when heard of again after so long. */
const REMEMBERED_MS = 86_400_000;

interface Heard {
  readonly declaration: ScheduleDeclaration;
  readonly first: number;
  readonly last: number;
}

export class ScheduleBook {
  readonly firedUntil: Map<string, number>;
  readonly #heard: Map<string, Heard>;
  #digest: string;

  constructor(from?: ScheduleBook) {
    this.firedUntil = new Map(from?.firedUntil);
    this.#heard = new Map(from?.heard);
    this.#digest = from?.digest ?? "";
  }

  get digest(): string {
    return this.#digest;
  }

  get heard(): ReadonlyMap<string, Heard> {
    return this.#heard;
  }

  /** Notes it, and decides which declaration is in force. */
  declare(declaration: ScheduleDeclaration, now: number): SchedulesInForce {
    const before = this.#digest;
    if (declaration.schedules.length > 0 || this.#heard.size > 0) this.#hear(declaration, now);
    return { ...this.inForce(now), hasChanged: this.#digest !== before };
  }

  /** Puts some there that no code declares, in place of those that were put before. */
  put(declaration: ScheduleDeclaration | undefined, now: number): SchedulesInForce {
    const before = this.#digest;
    for (const digest of this.#heard.keys()) if (isPut(digest)) this.#heard.delete(digest);
    if (declaration) {
      const first = this.#firstOfNew(now);
      this.#heard.set(declaration.digest, { declaration, first, last: Infinity });
    }
    this.#decide(now);
    return { ...this.inForce(now), hasChanged: this.#digest !== before };
  }

  #hear(declaration: ScheduleDeclaration, now: number): void {
    const first = this.#heard.get(declaration.digest)?.first ?? this.#firstOfNew(now);
    this.#heard.set(declaration.digest, { declaration, first, last: now });
    this.#decide(now);
  }

  /** After all others. */
  #firstOfNew(now: number): number {
    return Math.max(now, ...[...this.#heard.values()].map(({ first }) => first + 1));
  }

  #decide(now: number): void {
    for (const [digest, { last }] of this.#heard) {
      if (now - last > REMEMBERED_MS) this.#heard.delete(digest);
    }
    const newest = this.#newestLive(now) ?? { digest: "", schedules: [] };
    if (newest.digest !== this.#digest) this.#putInForce(newest, now);
  }

  inForce(now: number): SchedulesInForce {
    const schedules = this.#heard.get(this.#digest)?.declaration.schedules ?? [];
    return {
      digest: this.#digest,
      now,
      isContested: this.#heard.size > 1,
      hasChanged: false,
      states: schedules.map((schedule) => ({
        schedule,
        firedUntil: this.firedUntil.get(schedule.key) ?? now,
      })),
    };
  }

  #newestLive(now: number): ScheduleDeclaration | undefined {
    const isAnyPut = [...this.#heard.keys()].some(isPut);
    const live = [...this.#heard.values()].filter(({ last, declaration }) => {
      // Code without schedules has nothing to say against those that were put there.
      return now - last <= LIVE_MS && (!isAnyPut || declaration.schedules.length > 0);
    });
    const [newest] = live.toSorted(
      (a, b) => b.first - a.first || (a.declaration.digest < b.declaration.digest ? 1 : -1),
    );
    return newest?.declaration;
  }

  #putInForce({ digest, schedules }: ScheduleDeclaration, now: number): void {
    this.#digest = digest;
    for (const { key } of schedules) {
      // One that was in force before goes on where it was, unless that is long ago.
      const before = this.firedUntil.get(key);
      this.firedUntil.set(key, before === undefined ? now : Math.max(before, now - LIVE_MS));
    }
    const declared = [...this.#heard.values()].flatMap(({ declaration }) => declaration.schedules);
    const keys = new Set(declared.map(({ key }) => key));
    for (const key of this.firedUntil.keys()) if (!keys.has(key)) this.firedUntil.delete(key);
  }
}

function isPut(digest: string): boolean {
  return digest.startsWith(PUT_PREFIX);
}

/**
 * The places where an instance can be, as sorted sets like those of the Redis store.
 *
 * An instance is in one place at most: moving it takes it out of the place where it was.
 */
import { SortedList } from "./sorted-list.ts";

const PLACES = ["pending", "backlog", "leases", "timers", "held", "expiry"] as const;

export type Place = (typeof PLACES)[number];

export interface Placed {
  readonly id: string;
  /** What it means depends on the place: see the keys in `docs/store.md`. */
  readonly score: number;
  /** Orders equal scores, before the id does. */
  readonly tie: number;
}

export interface Position extends Placed {
  readonly place: Place;
}

export class Places {
  readonly #positions = new Map<string, Position>();
  readonly #lists: Readonly<Record<Place, SortedList<Placed>>> = {
    pending: new SortedList(comparePlaced),
    backlog: new SortedList(comparePlaced),
    leases: new SortedList(comparePlaced),
    timers: new SortedList(comparePlaced),
    held: new SortedList(comparePlaced),
    expiry: new SortedList(comparePlaced),
  };

  /** Puts the instance there, from wherever it was. */
  move(id: string, place: Place, score: number, tie: number = 0): void {
    this.leave(id);
    const position = { id, place, score, tie };
    this.#positions.set(id, position);
    this.#lists[place].add(position);
  }

  leave(id: string): void {
    const position = this.#positions.get(id);
    if (position !== undefined) {
      this.#positions.delete(id);
      this.#lists[position.place].remove(position);
    }
  }

  of(id: string): Position | undefined {
    return this.#positions.get(id);
  }

  size(place: Place): number {
    return this.#lists[place].size;
  }

  first(place: Place): Placed | undefined {
    return this.#lists[place].first;
  }

  /** The ids with a score of at most `score`, lowest first. */
  upTo(place: Place, score: number, limit: number): readonly string[] {
    return this.#lists[place]
      .takeWhile((placed) => placed.score <= score, limit)
      .map((placed) => placed.id);
  }

  all(place: Place): readonly Placed[] {
    return this.#lists[place].toArray();
  }
}

/** Redis's order of equal scores, for names made of ASCII. */
export function comparePlaced(a: Placed, b: Placed): number {
  return a.score - b.score || a.tie - b.tie || (a.id < b.id ? -1 : Number(a.id > b.id));
}

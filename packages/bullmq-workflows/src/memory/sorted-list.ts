/** Negative when `a` goes before `b`; 0 only for the same item. */
export type Compare<T> = (a: T, b: T) => number;

/** Items kept in order. Finding a place takes logarithmic time. */
export class SortedList<T> {
  readonly #items: T[] = [];
  readonly #compare: Compare<T>;

  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    this.#items.splice(this.#indexOf(item), 0, item);
  }

  remove(item: T): boolean {
    const index = this.#indexOf(item);
    const found = this.#items[index];
    if (found === undefined || this.#compare(found, item) !== 0) {
      return false;
    }
    this.#items.splice(index, 1);
    return true;
  }

  shift(): T | undefined {
    return this.#items.shift();
  }

  /** The first items for which the condition holds, at most `limit`. */
  takeWhile(condition: (item: T) => boolean, limit: number): readonly T[] {
    const end = this.#items.findIndex((item, index) => index >= limit || !condition(item));
    return this.#items.slice(0, end === -1 ? this.#items.length : end);
  }

  toArray(): readonly T[] {
    return [...this.#items];
  }

  /** Where the item is, or would be. */
  #indexOf(item: T): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#items[middle];
      if (other !== undefined && this.#compare(other, item) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

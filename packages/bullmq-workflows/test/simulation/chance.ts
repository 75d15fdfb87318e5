/** Reproducible chance: the same seed draws the same numbers (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to `max`, both included. */
  upTo(max: number): number {
    return max === 0 ? 0 : Math.floor(this.#next() * (max + 1));
  }

  hits(percent: number): boolean {
    return percent > 0 && this.#next() * 100 < percent;
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
}

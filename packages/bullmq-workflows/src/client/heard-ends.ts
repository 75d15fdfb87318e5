/**
 * The ends of instances that were told lately, to know of one that was created lately whether its own was
 * among them. If not, whoever waits for it need not look whether it has ended.
 */

/** So many are kept. Of an instance that is older than all of them nothing is known. */
const KEPT = 1_000;

export class HeardEnds {
  readonly #latest = new Set<string>();
  #count = 0;
  #isListening = false;

  /** From now on every end is told. */
  begin(): void {
    this.#isListening = true;
  }

  /** Some may have been missed. */
  skip(): void {
    this.#latest.clear();
    this.#count += KEPT + 1;
  }

  hear(instanceId: string): void {
    this.#count++;
    this.#latest.delete(instanceId);
    this.#latest.add(instanceId);
    if (this.#latest.size <= KEPT) return;
    for (const oldest of this.#latest) {
      this.#latest.delete(oldest);
      return;
    }
  }

  /** The moment, for {@link HeardEnds.hasNone}; `undefined` as long as ends are not told. */
  get moment(): number | undefined {
    return this.#isListening ? this.#count : undefined;
  }

  /** Whether no end of the instance was told since, nor can have been missed. */
  hasNone(instanceId: string, since: number): boolean {
    return this.#count - since <= KEPT && !this.#latest.has(instanceId);
  }
}

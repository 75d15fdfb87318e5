/**
 * What an activation has decided and not yet written, in the order in which it was decided.
 *
 * Everything that is ready in the same turn leaves in one write. A write that the store refuses without
 * ending the activation leaves the journal as it was, so nothing is decided twice.
 */
export class Journal {
  #entries: string[] = [];
  #consumed: number[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Adds an entry's text, and the event that it hands to a wait, if it does. */
  stage(text: string, consumedEvent?: number): void {
    this.#entries.push(text);
    if (consumedEvent !== undefined) this.#consumed.push(consumedEvent);
  }

  /** What is staged now. More may be staged while it is being written. */
  peek(): { readonly entries: readonly string[]; readonly consumed: readonly number[] } {
    return { entries: [...this.#entries], consumed: [...this.#consumed] };
  }

  /** Forgets what has been written. */
  drop(written: {
    readonly entries: readonly string[];
    readonly consumed: readonly number[];
  }): void {
    this.#entries = this.#entries.slice(written.entries.length);
    this.#consumed = this.#consumed.slice(written.consumed.length);
  }
}

/** Knows for a minute what was deleted, so that an instance which was lost can be told from it. */
import type { KnownInstance } from "../engine/ports/reassertion.ts";

const KEPT_MS = 60_000;

export class Deletions {
  readonly #deletedAt: Map<string, number>;

  constructor(deletedAt: Iterable<readonly [string, number]> = []) {
    this.#deletedAt = new Map(deletedAt);
  }

  add(instanceId: string, now: number): void {
    this.#deletedAt.set(instanceId, now);
  }

  /** One that ended long ago, and whose retention is over, nobody asks after. */
  addExpired(instanceId: string, now: number, endedAt: number): void {
    if (now - endedAt < KEPT_MS) this.add(instanceId, now);
  }

  forgetOld(now: number): void {
    for (const [instanceId, at] of this.#deletedAt) {
      if (at < now - KEPT_MS) this.#deletedAt.delete(instanceId);
    }
  }

  /**
   * Whether an instance that is not there may have been deleted, which for one that was seen long ago
   * cannot be told; except that it was not when the numbers that were drawn since are gone as well.
   */
  mayInclude(known: KnownInstance, now: { readonly sequence: number }): boolean {
    const deletedAt = this.#deletedAt.get(known.instanceId) ?? -Infinity;
    const isBehind = now.sequence < known.fence;
    return deletedAt >= (known.createdAt ?? 0) || (!isBehind && known.ageMs >= KEPT_MS);
  }

  copy(): Deletions {
    return new Deletions(this.#deletedAt);
  }
}

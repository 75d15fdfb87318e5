/** The feed of a partition in memory. */
import type { Unsubscribe } from "../engine/ports/notices.ts";
import type { OutboxBatch, StatusChange, StatusFeed } from "../engine/ports/status-feed.ts";
import type { InstanceStatus } from "../model/status.ts";
import type { HeldEntry } from "./feed-book.ts";
import type { MemoryPartition } from "./memory-partition.ts";

export class MemoryStatusFeed implements StatusFeed {
  readonly #partition: MemoryPartition;

  constructor(partition: MemoryPartition) {
    this.#partition = partition;
  }

  async watch(watchMs: number): Promise<boolean> {
    const { feed } = this.#partition;
    const now = this.#partition.now();
    const wasWatched = feed.watchedUntil >= now;
    feed.watchedUntil = Math.max(feed.watchedUntil, now + watchMs);
    return wasWatched;
  }

  async listen(onChange: (change: StatusChange) => void, onGap: () => void): Promise<Unsubscribe> {
    return this.#partition.notices.addFeed({ onChange, onGap });
  }

  async keep(statuses: readonly InstanceStatus[]): Promise<void> {
    this.#partition.feed.kept = new Set(statuses);
  }

  async take({ limit, idleMs }: Parameters<StatusFeed["take"]>[0]): Promise<OutboxBatch> {
    const now = this.#partition.now();
    const { outbox, losses } = this.#partition.feed;
    const isLeft = ({ heldSince }: HeldEntry): boolean =>
      heldSince !== undefined && now - heldSince >= idleMs;
    const left = outbox.filter(isLeft).slice(0, limit);
    const fresh = outbox.filter(({ heldSince }) => heldSince === undefined).slice(0, limit);
    const taken = [...left, ...fresh];
    for (const entry of taken) entry.heldSince = now;
    const entries = taken.map(({ id, change }) => ({ id, change }));
    return { entries, ...(losses && { losses }) };
  }

  async drop(ids: readonly string[]): Promise<void> {
    const { outbox } = this.#partition.feed;
    const kept = outbox.filter(({ id }) => !ids.includes(id));
    outbox.splice(0, outbox.length, ...kept);
  }
}

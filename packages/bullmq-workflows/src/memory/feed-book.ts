/** What a partition knows of who wants to hear of its changes of status, and what it keeps for them. */
import { OUTBOX_LIMIT } from "../engine/ports/status-feed.ts";
import type { OutboxEntry, OutboxLosses, StatusChange } from "../engine/ports/status-feed.ts";

export interface HeldEntry extends OutboxEntry {
  /** Since when somebody has it. */
  heldSince: number | undefined;
}

export class FeedBook {
  watchedUntil: number = 0;
  kept: ReadonlySet<string> = new Set();
  readonly outbox: HeldEntry[] = [];
  losses: OutboxLosses | undefined;
  #lastId = 0;

  put(change: StatusChange): void {
    if (!this.kept.has(change.status)) return;
    this.outbox.push({ id: `${++this.#lastId}-0`, change, heldSince: undefined });
    if (this.outbox.length <= OUTBOX_LIMIT) return;
    this.outbox.shift();
    this.losses = { count: (this.losses?.count ?? 0) + 1, lastAt: change.at };
  }
}

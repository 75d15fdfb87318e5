/** What a partition knows of who wants to hear of its changes of status, and what it keeps for them. */
import type { OutboxEntry, StatusChange } from "../engine/ports/status-feed.ts";

export interface HeldEntry extends OutboxEntry {
  /** Since when somebody has it. */
  heldSince: number | undefined;
}

export class FeedBook {
  watchedUntil: number = 0;
  kept: ReadonlySet<string> = new Set();
  readonly outbox: HeldEntry[] = [];
  #lastId = 0;

  put(change: StatusChange): void {
    if (!this.kept.has(change.status)) return;
    this.outbox.push({ id: `${++this.#lastId}-0`, change, heldSince: undefined });
  }
}

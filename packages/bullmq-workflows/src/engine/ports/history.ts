/** A store's record of what happened to an instance, and how it is read. See store.ts. */
import type { Payload } from "../../model/payload.ts";

/** A history entry as stored: when it was appended, and its JSON text. */
export interface StoredEntry {
  readonly at: number;
  readonly text: string;
}

export interface HistoryRequest {
  readonly instanceId: string;
  /** How many entries to leave out. */
  readonly from: number;
  /** At most so many are answered; fewer when they are large. */
  readonly limit: number;
  /**
   * For so long, in ms, who listens with {@link NoticeStore.onHistory} is told of changes to this instance.
   * Without it, and when it has ended, nobody more is told than was.
   */
  readonly watchMs?: number;
}

/** A part of an instance's history, with what there is to know beside it. */
export interface HistoryPage {
  /** Tells it from another instance of the same id. */
  readonly nonce: string;
  /** Another one when entries may have been wiped or replaced since: then read from the first. */
  readonly edition: number;
  readonly createdAt: number;
  /** When it was first claimed … */
  readonly startedAt?: number;
  /** … and how many entries there were then. */
  readonly startedAfter: number;
  /** With a page from before that. */
  readonly params?: Payload;
  readonly entries: readonly StoredEntry[];
  /** How many there are in all. */
  readonly length: number;
  /** The output or error of one that has ended, with the page that has the last entry. */
  readonly result?: Payload;
}

/**
 * The changes of status of all instances of a workflow, for those who want to hear of them.
 *
 * Workers know nothing of it. A change is told by the script that makes it, where somebody has said that he
 * listens, and else not at all. What is told is lost on who does not listen; what goes to the outbox is kept
 * in the same write as the change, until somebody has passed it on.
 */
import type { InstanceStatus } from "../../model/status.ts";
import type { Unsubscribe } from "./notices.ts";

/** An instance has come to a status, or is gone. */
export interface StatusChange {
  readonly instanceId: string;
  readonly status: InstanceStatus | "deleted";
  /** When, by the store's clock. */
  readonly at: number;
}

/** A change that is to be passed on. */
export interface OutboxEntry {
  /** No other entry of the workflow has it. */
  readonly id: string;
  readonly change: StatusChange;
}

/** What an outbox that was full has dropped, ever, because nobody passed it on in time. */
export interface OutboxLosses {
  readonly count: number;
  /** When the last ones were dropped, by the store's clock. */
  readonly lastAt: number;
}

export interface OutboxBatch {
  readonly entries: readonly OutboxEntry[];
  /** Absent for none. */
  readonly losses?: OutboxLosses;
}

/** Entries that an outbox has, at most; a few more for a while. Then the oldest are dropped for new ones. */
export const OUTBOX_LIMIT = 1_000_000;

export interface StatusFeed {
  /**
   * From now on, for so long, in ms, who listens is told of every change. Answers whether that was so
   * without a break since it was asked for the last time.
   */
  watch(watchMs: number): Promise<boolean>;
  /** `onGap` is called when messages may have been missed. Hears nothing while nobody watches. */
  listen(onChange: (change: StatusChange) => void, onGap: () => void): Promise<Unsubscribe>;

  /** Which changes go to the outbox, from now on. What is there already stays. */
  keep(statuses: readonly InstanceStatus[]): Promise<void>;
  /**
   * Hands out entries, oldest first: those that somebody else was given and has not dropped for `idleMs`,
   * and those that nobody was given.
   */
  take(request: {
    readonly holder: string;
    readonly limit: number;
    readonly idleMs: number;
  }): Promise<OutboxBatch>;
  /** They were passed on. */
  drop(ids: readonly string[]): Promise<void>;
}

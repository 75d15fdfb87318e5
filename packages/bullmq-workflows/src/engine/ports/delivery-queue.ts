/** Messages that are to be delivered to somebody outside, again and again until they are, or it is given up. */
import type { Consumer } from "./dispatcher.ts";

export interface Delivery {
  /** Adding another one with the same id changes nothing, as long as the first is remembered. */
  readonly id: string;
  readonly webhookId: string;
  readonly body: string;
}

/**
 * `failed` is tried again, unless that was the last attempt; `dropped` is not. `interrupted` was none: it is
 * made again, as the same attempt, by whoever is there.
 */
export type DeliveryOutcome = "delivered" | "failed" | "dropped" | "interrupted";

export interface DeliveryAttempt extends Delivery {
  /** From 1. */
  readonly attempt: number;
  /** Whether there is another one after this. */
  readonly isLast: boolean;
}

export interface DeliveryQueueOptions {
  /** After how long what a dead process had is handed to another, in ms. */
  readonly takeoverMs: number;
}

export interface DeliveryQueue {
  /** @param attempts how often each is tried at most. */
  add(deliveries: readonly Delivery[], attempts: number): Promise<void>;
  /**
   * Hands deliveries to `deliver`. One whose process dies meanwhile is handed to another: each is made at
   * least once.
   *
   * @param retryDelayMs how long after its n-th attempt, from 1, a delivery that failed is tried again.
   */
  consume(
    deliver: (attempt: DeliveryAttempt) => Promise<DeliveryOutcome>,
    options: {
      readonly concurrency: number;
      readonly retryDelayMs: (attempt: number) => number;
    },
  ): Promise<Consumer>;
  /**
   * Takes no more deliveries, and waits for those under way; for a few seconds at most, after which others
   * take them for those of a dead process.
   */
  close(): Promise<void>;
}

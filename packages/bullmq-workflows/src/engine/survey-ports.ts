/** What a store is asked for, and answers with, when somebody looks whether a workflow is well. See ports.ts. */

import type { OutboxLosses } from "./status-feed.ts";

export interface SurveyRequest {
  /** How much later than due an instance may be before it counts as overdue, in ms. */
  readonly overdueMs: number;
  /** So many instances of each index are looked at one by one, the oldest. */
  readonly limit: number;
}

/** Those that are due at some instant, and that a live worker deals with when it comes. */
export interface PlaceSurvey {
  readonly count: number;
  readonly overdueCount: number;
  /** The earliest of their instants; absent when there are none. */
  readonly firstAt?: number;
}

export interface Survey {
  /** The store's clock. */
  readonly now: number;
  /** Runnable, since then. */
  readonly pending: PlaceSurvey;
  /** Running, until then unless the lease is renewed. */
  readonly leases: PlaceSurvey;
  /** Asleep until then. */
  readonly timers: PlaceSurvey;
  /** Finished, and kept until then. */
  readonly expiry: PlaceSurvey;
  /** Runnable, and held back by the concurrency limit. */
  readonly backlogCount: number;
  /** Absent for none. */
  readonly concurrencyLimit?: number;
  /** Changes of status that webhooks are yet to be told of. */
  readonly outboxCount: number;
  /** What was dropped of them; absent for none. */
  readonly outboxLosses?: OutboxLosses;
  /** Instances that nothing will ever wake, though their status says that they go on by themselves. */
  readonly strayIds: readonly string[];
  /** Ids that an index has and no instance. */
  readonly ghostIds: readonly string[];
}

export interface SurveyStore {
  /** Changes nothing. What it costs does not grow with the number of instances. */
  survey(request: SurveyRequest): Promise<Survey>;
}

/**
 * The part of the store that says where its instances are, for people who ask why one doesn't run, or whether
 * a workflow is well. See store.ts.
 */
import type { InstanceStatus } from "../../model/status.ts";
import type { OutboxLosses } from "./status-feed.ts";

/**
 * `pending` for a worker, in the `backlog` for a slot, in `leases` with a worker, in `timers` for an instant,
 * `held` by an earlier one of its schedule; `none` if only something outside can move it, or nothing.
 */
export type WhereaboutsPlace = "pending" | "backlog" | "leases" | "timers" | "held" | "none";

/** Where one instance is, and what its place is like. Instants are of the store's clock. */
export interface Whereabouts {
  readonly status: InstanceStatus;
  readonly now: number;
  readonly createdAt: number;
  readonly place: WhereaboutsPlace;
  /** When its lease ends, or its timer; since when it is pending. Absent elsewhere. */
  readonly placedAt?: number;
  /** How many are ahead of it in its place. */
  readonly ahead: number;
  /** How many may run at once; 0 for no limit. */
  readonly limit: number;
  /** How many of those slots are taken. */
  readonly taken: number;
  /** When it became runnable, while it waits to be run. */
  readonly queuedSince?: number;
  /** When it was claimed, while a worker has it. */
  readonly claimedAt?: number;
  readonly worker?: string;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly pausedAt?: number;
  readonly delayedUntil?: number;
  /** The types of events that wake it. */
  readonly awaits: readonly string[];
  /** Which instance of its schedule it waits for. */
  readonly heldBy?: string;
}

/** How the line of a workflow's instances stands. */
export interface QueueState {
  readonly now: number;
  /** How many may run at once; 0 for no limit. */
  readonly limit: number;
  /** With a worker. */
  readonly active: number;
  /** Waiting for a worker … */
  readonly pending: number;
  /** … for a slot … */
  readonly backlog: number;
  /** … for their delayed start … */
  readonly delayed: number;
  /** … or for an earlier one of their schedule. */
  readonly held: number;
  /** Since when the one waits that waits longest for a worker or a slot, among the first 20 of each. */
  readonly oldestSince?: number;
}

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

export interface InsightStore {
  /** `undefined` when it is not there. */
  whereabouts(instanceId: string): Promise<Whereabouts | undefined>;
  queue(): Promise<QueueState>;
  /** Changes nothing. What it costs does not grow with the number of instances. */
  survey(request: SurveyRequest): Promise<Survey>;
}

/** The part of the store that a sweeper asks now and then for what time has made due. See store.ts. */
import type { ActivationRequest } from "./dispatcher.ts";

export interface DueOutcome {
  readonly requests: readonly ActivationRequest[];
  /** The next wake-up after those, if any is known. */
  readonly nextAt?: number;
  readonly now: number;
}

export interface RedispatchRequest {
  readonly olderThanMs: number;
  readonly limit: number;
}

export interface SweepStore {
  /** Makes instances runnable whose wake-up or delayed start is due. */
  wakeDue(limit: number): Promise<DueOutcome>;
  /** Takes instances back from workers whose lease ran out. */
  adoptOrphans(limit: number): Promise<readonly ActivationRequest[]>;
  /** Finds runnable instances that nobody claimed for this long, so that a lost job is asked for again. */
  redispatch(request: RedispatchRequest): Promise<readonly ActivationRequest[]>;
  /** Deletes finished instances whose retention is over; answers how many. */
  expire(limit: number): Promise<number>;
}

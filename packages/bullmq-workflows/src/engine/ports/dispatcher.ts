/**
 * What brings instances to workers, and firings of schedules too.
 *
 * It is the fast way to hear of them and never the only one: what it loses, repeats or brings late does no
 * harm, because the store knows what is runnable and what has been fired (I3).
 */
import type { Schedule } from "../../model/schedule.ts";

/** Asks that some worker runs an instance. `wakeUp` makes asking twice harmless. */
export interface ActivationRequest {
  readonly instanceId: string;
  readonly wakeUp: number;
  /** 0 for an instance that ran before: it goes ahead of new ones. Else the priority it was created with. */
  readonly rank: number;
}

/** Activation requests that nobody has taken yet. */
export interface WaitingRequests {
  readonly count: number;
  /** What those are for that go first. */
  readonly instanceIds: readonly string[];
}

/** When to ring for a schedule. */
export type Alarm = Pick<Schedule, "key" | "cron" | "timezone">;

export type Ring = (key: string) => Promise<void>;

/** Brings activation requests to some worker. At least once; order by rank, then first come. */
export interface Dispatcher {
  dispatch(requests: readonly ActivationRequest[]): Promise<void>;
  /**
   * Sets the alarms there are, which whoever consumes hears when they are due: those given, and no
   * others. Whether one that is due rings is not certain, nor that it rings once and never early.
   */
  setAlarms(alarms: readonly Alarm[]): Promise<void>;
  /**
   * Starts to hand requests to `activate` and alarms that are due to `ring`, at most `concurrency`
   * unsettled at once.
   */
  consume(
    activate: (instanceId: string) => Promise<void>,
    concurrency: number,
    ring?: Ring,
  ): Promise<Consumer>;
  /** Looks at what is on its way, at the first `limit` requests one by one. */
  waiting(limit: number): Promise<WaitingRequests>;
  close(): Promise<void>;
}

export interface Consumer {
  /**
   * Takes no more requests, and resolves when those taken have settled. With `force` it does not wait
   * for them: what is under way is delivered again, to whoever consumes then.
   */
  stop(options?: { readonly force?: boolean }): Promise<void>;
}

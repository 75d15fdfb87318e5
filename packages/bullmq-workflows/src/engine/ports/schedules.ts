/** The part of the store that knows which schedules are in force, and up to when each has fired. See store.ts. */
import type { Schedule } from "../../model/schedule.ts";
import type { ActivationRequest } from "./dispatcher.ts";

/** What the digest of schedules begins with that were put there. */
export const PUT_PREFIX = "put-";

/** All schedules that one deployment of a workflow has. */
export interface ScheduleDeclaration {
  /** The same for the same schedules, and for no others. */
  readonly digest: string;
  readonly schedules: readonly Schedule[];
}

export interface ScheduleState {
  readonly schedule: Schedule;
  /** Every time up to this one has been fired or left out. */
  readonly firedUntil: number;
}

/** The schedules that are fired, on whichever worker's behalf. */
export interface SchedulesInForce {
  /** Of the declaration that they come from; empty when there has been none. */
  readonly digest: string;
  readonly states: readonly ScheduleState[];
  /** The store's clock. */
  readonly now: number;
  /** Whether there is more than one declaration, so that this one has to be repeated to be heard. */
  readonly isContested: boolean;
  /** Whether it is this call that put them in force: then nobody has set their alarms yet. */
  readonly hasChanged: boolean;
}

export interface FireRequest {
  /** Of the declaration that the schedule was read from. */
  readonly digest: string;
  readonly schedule: Schedule;
  /** Oldest first. Those that are still to come by the store's clock are left for later. */
  readonly times: readonly number[];
  /** Until when the times are all that matter; a later instant counts as now. */
  readonly until: number;
}

export type FireOutcome =
  | {
      readonly type: "fired";
      readonly now: number;
      readonly firedUntil: number;
      readonly createdCount: number;
      /** Left out because of an earlier instance, with `overlap: "skip"`. */
      readonly skippedCount: number;
      readonly requests: readonly ActivationRequest[];
    }
  /** Another declaration is in force now. Nothing was written. */
  | { readonly type: "changed" };

export interface ScheduleStore {
  /**
   * Says which schedules the caller's deployment has, and hears which are in force: those of the
   * declaration that was first heard of last, among those repeated within the last minute. So an older
   * deployment that goes on beside a newer one, or restarts, changes nothing; one that is left alone comes
   * back into force.
   */
  declareSchedules(declaration: ScheduleDeclaration): Promise<SchedulesInForce>;
  /**
   * Puts schedules there that no code declares, in place of those that were put before; none takes these
   * away. They need not be repeated, and are in force until code is first heard of that has others: code
   * without any has nothing to say against them. Their digest begins with {@link PUT_PREFIX}.
   */
  putSchedules(declaration: ScheduleDeclaration | undefined): Promise<SchedulesInForce>;
  /**
   * Creates the instances of these times, each once for all callers, and notes up to when the schedule has
   * fired, in one go.
   */
  fire(request: FireRequest): Promise<FireOutcome>;
  inForce(): Promise<SchedulesInForce>;
}

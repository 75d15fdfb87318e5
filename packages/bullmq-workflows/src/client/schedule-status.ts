/** A schedule as seen from outside. */
import type { ScheduleState } from "../engine/ports/schedules.ts";
import { nextFiring } from "../model/schedule.ts";
import type { ScheduleCatchUp, ScheduleOverlap } from "../model/schedule.ts";

/** A schedule in force, and when it is due. */
export interface WorkflowScheduleStatus {
  cron: string;
  timezone: string;
  overlap: ScheduleOverlap;
  catchUp: ScheduleCatchUp;
  /** When it is due next; absent when its dates have all passed. In the past while a firing is late. */
  nextAt?: Date;
}

export function toScheduleStatus(
  { schedule, firedUntil }: ScheduleState,
  now: number,
): WorkflowScheduleStatus {
  const { cron, timezone, overlap, catchUp } = schedule;
  // What is late and still to be fired; what is missed for good is not told of.
  const nextAt = nextFiring(schedule, Math.max(firedUntil, now - LATE_MS));
  const due = nextAt === undefined ? {} : { nextAt: new Date(nextAt) };
  return { cron, timezone, overlap, catchUp, ...due };
}

const LATE_MS = 60_000;

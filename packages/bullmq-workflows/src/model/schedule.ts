/** Schedules: what starts an instance by itself, which instance that is, and which times are fired. */
import { cronTimes } from "./cron.ts";
import { CATCH_UP_LIMIT } from "./limits.ts";
import type { Payload } from "./payload.ts";

/**
 * What happens when a firing is due while an earlier instance of the same schedule is unfinished: it
 * starts all the same, it is left out, or it starts when those before it have ended.
 */
export type ScheduleOverlap = "allow" | "skip" | "queue";

/**
 * Which firings are made up for that were due while no worker ran: none, the latest, or all, at most the
 * last 100.
 */
export type ScheduleCatchUp = false | "latest" | "all";

/** What an instance learns of the schedule that started it. Cloudflare's shape. */
export interface WorkflowCronSchedule {
  cron: string;
  /** The instant for which it was due, in epoch ms. */
  scheduledTime: number;
}

/** A schedule of a workflow, with all that its firing takes. */
export interface Schedule {
  /** Tells it from the others of its workflow. */
  readonly key: string;
  readonly cron: string;
  readonly timezone: string;
  readonly overlap: ScheduleOverlap;
  readonly catchUp: ScheduleCatchUp;
  readonly params: Payload;
  /** What its instances can be found by; absent if there is nothing. */
  readonly labels?: readonly string[];
  readonly retention: { readonly successMs: number; readonly errorMs: number };
}

/** A firing is not missed for being late by less. In ms. */
const GRACE_MS = 60_000;

const FEW = 2;

/** Among new instances a lower number goes first. What `create` takes when it is not told. */
export const SCHEDULED_PRIORITY = 1_000;

/** Only crons have a space in the ids of their instances. */
const SCHEDULED_ID = /^(\S+(?: \S+){4})-(\d+)$/;

export function toScheduleKey(cron: string, timezone: string): string {
  return timezone === "UTC" ? cron : `${cron} ${timezone}`;
}

/** At most one instance per expression and time, whoever fires it: the id says so. As at Cloudflare. */
export function toScheduledId(cron: string, scheduledTime: number): string {
  return `${cron}-${scheduledTime}`;
}

/** The schedule that started an instance, which its id tells; `undefined` when somebody created it. */
export function scheduleOf(instanceId: string): WorkflowCronSchedule | undefined {
  if (!instanceId.includes(" ")) return undefined;
  const [, cron, scheduledTime] = SCHEDULED_ID.exec(instanceId) ?? [];
  return cron === undefined ? undefined : { cron, scheduledTime: Number(scheduledTime) };
}

/** Which times of a schedule to fire, oldest first, and how many of those that are due are left out. */
export interface Firings {
  readonly times: readonly number[];
  /** At most 100, for whoever reads the log. */
  readonly missed: number;
}

/** Decides on what has become due since `firedUntil`. */
export function decideFirings(schedule: Schedule, firedUntil: number, now: number): Firings {
  const { catchUp } = schedule;
  const due = dueSince(schedule, firedUntil, now);
  const times = due.filter((time, age) => isFired(catchUp, age, now - time));
  return { times: times.toReversed(), missed: due.length - times.length };
}

/** The times in the near future, for a store whose clock may be ahead. */
export function upcomingFirings(schedule: Schedule, now: number, horizon: number): number[] {
  const times: number[] = [];
  for (let at = now; ;) {
    const next = nextFiring(schedule, at);
    if (next === undefined || next > horizon) return times;
    times.push(next);
    at = next;
  }
}

/** When a schedule is due next after this instant. */
export function nextFiring(
  schedule: Pick<Schedule, "cron" | "timezone">,
  after: number,
): number | undefined {
  return cronTimes(schedule.cron, schedule.timezone).after(after);
}

/** Newest first. Nearly always there is one, and finding a hundred takes long. */
function dueSince(schedule: Schedule, firedUntil: number, now: number): readonly number[] {
  const times = cronTimes(schedule.cron, schedule.timezone);
  const few = times.upTo(now, FEW);
  const last = few.at(-1);
  const isMore = few.length === FEW && last !== undefined && last > firedUntil;
  return (isMore ? times.upTo(now, CATCH_UP_LIMIT) : few).filter((time) => time > firedUntil);
}

function isFired(catchUp: ScheduleCatchUp, age: number, lateMs: number): boolean {
  switch (catchUp) {
    case "all":
      return true;
    case "latest":
      return age === 0;
    default:
      return lateMs <= GRACE_MS;
  }
}

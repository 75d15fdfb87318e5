/**
 * Alarms as BullMQ's job schedulers: each keeps one delayed job in the queue, and whichever worker takes
 * it adds the next one before it does anything else. Where the scheduler or its job got lost, the engine
 * notices that a firing is overdue, and sets the alarms again.
 */
import type { Queue, RepeatOptions } from "bullmq";
import type { Alarm } from "../engine/ports/dispatcher.ts";
import { nextFiring } from "../model/schedule.ts";

const JOB = "alarm";

/** A scheduler whose job is that late has lost it. */
const LATE_MS = 10_000;

/** BullMQ counts weekdays otherwise and knows no `W`; both queue and worker have to be told. */
export const ALARM_SETTINGS = {
  repeatStrategy: (after: number, { pattern, tz }: RepeatOptions): number | undefined =>
    pattern === undefined ? undefined : nextFiring({ cron: pattern, timezone: tz ?? "UTC" }, after),
};

/** What a job of the queue that these alarms are in may carry. */
interface AlarmData {
  readonly schedule?: string;
}

export async function setAlarms(queue: Queue<AlarmData>, alarms: readonly Alarm[]): Promise<void> {
  const wanted = new Map(alarms.map((alarm) => [alarm.key, alarm]));
  const extra: string[] = [];
  for (const { key, next = 0 } of await queue.getJobSchedulers()) {
    if (!wanted.has(key)) extra.push(key);
    else if (next > Date.now() - LATE_MS) wanted.delete(key);
  }
  // Side by side: one that BullMQ refuses keeps none of the others from being set.
  await Promise.all([
    ...extra.map(async (key) => await queue.removeJobScheduler(key)),
    ...[...wanted.values()].map(async (alarm) => await setAlarm(queue, alarm)),
  ]);
}

async function setAlarm(queue: Queue<AlarmData>, { key, cron, timezone }: Alarm): Promise<void> {
  const opts = { removeOnComplete: true, removeOnFail: true };
  const job = { name: JOB, data: { schedule: key }, opts };
  await queue.upsertJobScheduler(key, { pattern: cron, tz: timezone }, job);
}

/** Creating the instances that are due by a schedule. */
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { FireOutcome, FireRequest } from "../engine/ports/schedules.ts";
import { SCHEDULED_PRIORITY, toScheduledId } from "../model/schedule.ts";
import type { Schedule } from "../model/schedule.ts";
import { makeRunnable, pendingRequests } from "./admission.ts";
import { createState } from "./instance-state.ts";
import { activeIn, advanceLine, enterLine, releaseHeld } from "./lines.ts";
import { nonceFor } from "../model/trigger.ts";
import type { MemoryPartition } from "./memory-partition.ts";

/** At one firing, as in Redis, whose other clients must not wait for long. */
const MAX_RELEASED = 1000;

export function fire(partition: MemoryPartition, request: FireRequest): FireOutcome {
  const { digest, schedule, times, until } = request;
  const { key, overlap } = schedule;
  const { schedules } = partition;
  let firedUntil = schedules.firedUntil.get(key);
  if (schedules.digest !== digest || firedUntil === undefined) return { type: "changed" };
  const now = partition.now();
  const requests: ActivationRequest[] = [];
  // With firings that overlap the line may never be empty, so nobody waits in it any more (I3).
  if (overlap === "allow") requests.push(...releaseHeld(partition, key, MAX_RELEASED));
  else requests.push(...advanceLine(partition, key));
  let [createdCount, skippedCount] = [0, 0];
  for (const time of times.filter((each) => each <= now)) {
    const existing = partition.instances.get(toScheduledId(schedule.cron, time));
    // Somebody has fired it, and may have died before it could ask for it to be run.
    if (existing) requests.push(...pendingRequests(partition, existing));
    else if (time > firedUntil && overlap === "skip" && activeIn(partition, key).size > 0) {
      skippedCount++;
    } else if (time > firedUntil) {
      createdCount++;
      requests.push(...start(partition, schedule, time));
    }
    firedUntil = Math.max(firedUntil, time);
  }
  firedUntil = Math.max(firedUntil, Math.min(until, now));
  schedules.firedUntil.set(key, firedUntil);
  return { type: "fired", now, firedUntil, createdCount, skippedCount, requests };
}

function start(
  partition: MemoryPartition,
  { key, cron, overlap, params, labels, retention }: Schedule,
  time: number,
): readonly ActivationRequest[] {
  const id = toScheduledId(cron, time);
  const nonce = nonceFor("cron", "");
  const created = { id, params, priority: SCHEDULED_PRIORITY, delayMs: 0, retention, nonce };
  const labelled = labels ? { ...created, labels } : created;
  const state = createState(labelled, partition.now(), { schedule: key, overlap });
  partition.add(state);
  partition.tellStatus(state, "queued");
  return enterLine(partition, state) ? makeRunnable(partition, state) : [];
}

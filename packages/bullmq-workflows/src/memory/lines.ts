/**
 * The line of a schedule: its unfinished instances that may run are active; with `overlap: "queue"` others
 * are held, the earliest first, until none is active.
 */
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import { scheduleOf } from "../model/schedule.ts";
import { makeRunnable } from "./admission.ts";
import type { InstanceState } from "./instance-state.ts";
import type { MemoryPartition } from "./memory-partition.ts";

/** The active instances of each schedule. Those held are in the place of that name. */
export type Lines = Map<string, Set<string>>;

export function activeIn(partition: MemoryPartition, schedule: string): Set<string> {
  const active = partition.lines.get(schedule) ?? new Set();
  partition.lines.set(schedule, active);
  return active;
}

/** Puts it into its line; answers whether it may run. One that is active already may. */
export function enterLine(partition: MemoryPartition, state: InstanceState): boolean {
  const { created, line } = state;
  if (line === undefined) return true;
  const active = activeIn(partition, line.schedule);
  const isHeld = line.overlap === "queue" && active.size > 0 && !active.has(created.id);
  if (isHeld) partition.places.move(created.id, "held", scheduleOf(created.id)?.scheduledTime ?? 0);
  else active.add(created.id);
  return !isHeld;
}

/** One that has run is active, whatever kept it back. */
export function joinActive(partition: MemoryPartition, { created, line }: InstanceState): void {
  if (line !== undefined) activeIn(partition, line.schedule).add(created.id);
}

/** It has ended or is gone: answers what becomes runnable by that. */
export function exitLine(
  partition: MemoryPartition,
  { created, line }: InstanceState,
): readonly ActivationRequest[] {
  if (line === undefined) return [];
  activeIn(partition, line.schedule).delete(created.id);
  return advanceLine(partition, line.schedule);
}

/** Lets the first that is held run, once nobody is active. */
export function advanceLine(
  partition: MemoryPartition,
  schedule: string,
): readonly ActivationRequest[] {
  return activeIn(partition, schedule).size > 0 ? [] : releaseHeld(partition, schedule, 1);
}

/** Lets so many of those that are held run, the earliest first. */
export function releaseHeld(
  partition: MemoryPartition,
  schedule: string,
  count: number,
): readonly ActivationRequest[] {
  const held = [...partition.places.all("held")]
    .flatMap(({ id }) => partition.instances.get(id) ?? [])
    .filter(({ line }) => line?.schedule === schedule);
  return held.slice(0, count).flatMap((state) => {
    activeIn(partition, schedule).add(state.created.id);
    partition.places.leave(state.created.id);
    return makeRunnable(partition, state);
  });
}

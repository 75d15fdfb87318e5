/** Where instances are, for people who ask. */
import type { QueueState, Whereabouts } from "../engine/ports/insights.ts";
import { slotCount } from "./admission.ts";
import type { InstanceState } from "./instance-state.ts";
import { activeIn } from "./lines.ts";
import type { MemoryPartition } from "./memory-partition.ts";
import type { Place } from "./places.ts";

const FIRST = 20;

export function whereabouts(
  partition: MemoryPartition,
  instanceId: string,
): Whereabouts | undefined {
  const state = partition.instances.get(instanceId);
  if (state === undefined) return undefined;
  const { status, createdAt, startedAt, endedAt, pausedAt, delayedUntil, worker } = state;
  const position = partition.places.of(state.created.id);
  const place = position?.place === "expiry" ? "none" : (position?.place ?? "none");
  const isInLine = place === "pending" || place === "backlog";
  const hasInstant = place === "pending" || place === "leases" || place === "timers";
  const [heldBy] = place === "held" ? activeIn(partition, state.line?.schedule ?? "") : [];
  return {
    status,
    now: partition.now(),
    createdAt,
    place,
    ahead: place === "none" ? 0 : countAhead(partition, place, state),
    limit: partition.concurrencyLimit,
    taken: slotCount(partition),
    awaits: status === "waiting" ? state.awaits : [],
    ...(hasInstant && position && { placedAt: position.score }),
    ...(isInLine && { queuedSince: toInstant(state.wakeUp) }),
    ...(worker !== undefined && { claimedAt: toInstant(state.fence), worker }),
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(status === "paused" && pausedAt !== undefined && { pausedAt }),
    ...(startedAt === undefined && delayedUntil !== undefined && { delayedUntil }),
    ...(heldBy !== undefined && { heldBy }),
  };
}

export function queue(partition: MemoryPartition): QueueState {
  const { places, concurrencyLimit: limit } = partition;
  const line = (["pending", "backlog"] as const).flatMap((place) =>
    places.all(place).slice(0, FIRST),
  );
  const since = line.map(({ id }) => toInstant(partition.instances.get(id)?.wakeUp ?? Infinity));
  const delayed = places.all("timers").filter(({ id }) => {
    return partition.instances.get(id)?.status === "queued";
  });
  return {
    now: partition.now(),
    limit,
    active: places.size("leases"),
    pending: places.size("pending"),
    backlog: places.size("backlog"),
    delayed: delayed.length,
    held: places.size("held"),
    ...(since.length > 0 && { oldestSince: Math.min(...since) }),
  };
}

function countAhead(
  partition: MemoryPartition,
  place: Place,
  { created, line }: InstanceState,
): number {
  const ids = partition.places.all(place).map(({ id }) => id);
  const isOfLine = (id: string): boolean =>
    partition.instances.get(id)?.line?.schedule === line?.schedule;
  const same = place === "held" ? ids.filter(isOfLine) : ids;
  return same.indexOf(created.id);
}

function toInstant(drawn: number): number {
  return Math.floor(drawn / 1_000);
}

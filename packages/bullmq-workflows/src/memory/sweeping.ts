/** What the sweeper asks for: all that must happen because time has passed (I3, I5). */
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { DueOutcome, RedispatchRequest } from "../engine/ports/sweeps.ts";
import { makeRunnable, requestFor } from "./admission.ts";
import { handBack } from "./fenced-writes.ts";
import type { InstanceState } from "./instance-state.ts";
import type { MemoryPartition } from "./memory-partition.ts";
import type { Place } from "./places.ts";

const FEW_PENDING = 1_000;
const MS_PER_PENDING = 5;

export function wakeDue(partition: MemoryPartition, limit: number): DueOutcome {
  const now = partition.now();
  const due = statesUpTo(partition, "timers", now, limit);
  const requests = due.flatMap((state) => makeRunnable(partition, state));
  const next = partition.places.first("timers");
  return next === undefined ? { requests, now } : { requests, now, nextAt: next.score };
}

export function adoptOrphans(
  partition: MemoryPartition,
  limit: number,
): readonly ActivationRequest[] {
  // A lease holds up to and including its last instant.
  const lastExpired = partition.now() - 1;
  const orphans = statesUpTo(partition, "leases", lastExpired, limit);
  return orphans.flatMap((state) => {
    // Its worker may be alive after all, and is better told.
    partition.notifyWorker(state, "revoked");
    state.orphan = "adopted";
    return handBack(partition, state);
  });
}

export function redispatch(
  partition: MemoryPartition,
  { olderThanMs, limit }: RedispatchRequest,
): readonly ActivationRequest[] {
  const now = partition.now();
  // Most of a long queue just waits for a worker: the longer it is, the less often it is looked through.
  const crowd = Math.max(0, partition.places.size("pending") - FEW_PENDING);
  const patience = olderThanMs + crowd * MS_PER_PENDING;
  const lost = statesUpTo(partition, "pending", now - patience, limit);
  return lost.map((state) => {
    partition.places.move(state.created.id, "pending", now);
    return requestFor(state);
  });
}

export function expire(partition: MemoryPartition, limit: number): number {
  const now = partition.now();
  const expired = statesUpTo(partition, "expiry", now, limit);
  expired.forEach((state) => {
    partition.remove(state);
    partition.tellStatus(state, "deleted");
    partition.deletions.addExpired(state.created.id, now, state.endedAt ?? now);
  });
  partition.deletions.forgetOld(now);
  return expired.length;
}

function statesUpTo(
  partition: MemoryPartition,
  place: Place,
  score: number,
  limit: number,
): readonly InstanceState[] {
  return partition.places
    .upTo(place, score, limit)
    .map((id) => partition.instances.get(id))
    .filter((state) => state !== undefined);
}

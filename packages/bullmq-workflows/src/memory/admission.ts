/**
 * Who may run: the slots of the concurrency limit, and the ways into and out of `pending`.
 *
 * A slot is a membership in `pending` or `leases`. Whoever is made runnable enters the backlog, and
 * whoever frees a slot admits from it, so that nobody ever overtakes a better rank.
 */
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import { underWay } from "../model/status.ts";
import { rankOf } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import type { MemoryPartition } from "./memory-partition.ts";

export function slotCount(partition: MemoryPartition): number {
  return partition.places.size("pending") + partition.places.size("leases");
}

export function hasFreeSlot(partition: MemoryPartition): boolean {
  return partition.concurrencyLimit === 0 || slotCount(partition) < partition.concurrencyLimit;
}

/** Sets the limit. Who holds a slot keeps it when the limit is lowered. */
export function configure(partition: MemoryPartition, limit: number): readonly ActivationRequest[] {
  partition.concurrencyLimit = limit;
  partition.slotCeiling = limit === 0 ? Infinity : Math.max(limit, slotCount(partition));
  return admit(partition);
}

/** Moves the first of the backlog to `pending` while there are free slots. */
export function admit(partition: MemoryPartition): readonly ActivationRequest[] {
  const requests: ActivationRequest[] = [];
  for (;;) {
    const first = partition.places.first("backlog");
    const state = first && partition.instances.get(first.id);
    if (state === undefined || !hasFreeSlot(partition)) {
      return requests;
    }
    partition.places.move(state.created.id, "pending", partition.now());
    requests.push(requestFor(state));
  }
}

export function requestFor(state: InstanceState): ActivationRequest {
  return { instanceId: state.created.id, wakeUp: state.wakeUp, rank: rankOf(state) };
}

/** The request of an instance that waits for its claim. */
export function pendingRequests(
  partition: MemoryPartition,
  state: InstanceState,
): readonly ActivationRequest[] {
  return partition.places.of(state.created.id)?.place === "pending" ? [requestFor(state)] : [];
}

export function makeRunnable(
  partition: MemoryPartition,
  state: InstanceState,
): readonly ActivationRequest[] {
  partition.transition(state, underWay(state.status, "queued"));
  leaveLease(state);
  stopWaiting(state);
  state.wakeUp = partition.nextNumber();
  partition.places.move(state.created.id, "backlog", rankOf(state), state.wakeUp);
  return admit(partition);
}

/** Makes a running instance runnable by another worker, without letting go of its slot. */
export function requeue(partition: MemoryPartition, state: InstanceState): ActivationRequest {
  partition.transition(state, underWay(state.status, "queued"));
  leaveLease(state);
  state.wakeUp = partition.nextNumber();
  partition.places.move(state.created.id, "pending", partition.now());
  return requestFor(state);
}

/** Lets nobody claim it before this instant, and frees its slot. */
export function putOff(
  partition: MemoryPartition,
  state: InstanceState,
  until: number,
): readonly ActivationRequest[] {
  partition.transition(state, underWay(state.status, "queued"));
  stopWaiting(state);
  state.delayedUntil = until;
  const admitted = vacate(partition, state);
  partition.places.move(state.created.id, "timers", until);
  return admitted;
}

/** Pauses it here and now, and frees its slot. */
export function pauseNow(
  partition: MemoryPartition,
  state: InstanceState,
): readonly ActivationRequest[] {
  const now = partition.now();
  partition.append(state, ['{"type":"workflow_paused"}'], now);
  partition.transition(state, "paused");
  state.pausedAt = now;
  stopWaiting(state);
  return vacate(partition, state);
}

/** Takes it out of its place, and gives its slot to whoever is next. */
export function vacate(
  partition: MemoryPartition,
  state: InstanceState,
): readonly ActivationRequest[] {
  leaveLease(state);
  partition.places.leave(state.created.id);
  return admit(partition);
}

function leaveLease(state: InstanceState): void {
  state.worker = undefined;
  state.claimNonce = undefined;
}

function stopWaiting(state: InstanceState): void {
  state.wakeAt = undefined;
  state.awaits = [];
}

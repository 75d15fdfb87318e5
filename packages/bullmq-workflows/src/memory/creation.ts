/** Creating instances. */
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { CreateOutcome, NewInstance } from "../engine/ports/instances.ts";
import { makeRunnable, pendingRequests } from "./admission.ts";
import { createState } from "./instance-state.ts";
import type { MemoryPartition } from "./memory-partition.ts";

export function createInstance(partition: MemoryPartition, instance: NewInstance): CreateOutcome {
  const existing = partition.instances.get(instance.id);
  if (existing === undefined) {
    return { type: "created", requests: start(partition, instance) };
  }
  if (existing.created.nonce !== instance.nonce) {
    return { type: "exists" };
  }
  return { type: "created", requests: pendingRequests(partition, existing) };
}

function start(partition: MemoryPartition, instance: NewInstance): readonly ActivationRequest[] {
  const now = partition.now();
  const state = createState(instance, now);
  partition.add(state);
  partition.tellStatus(state, "queued");
  if (instance.delayMs <= 0) {
    return makeRunnable(partition, state);
  }
  state.delayedUntil = now + instance.delayMs;
  partition.places.move(instance.id, "timers", state.delayedUntil);
  return [];
}

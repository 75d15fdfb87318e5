/** Claiming an instance for one activation. */
import type {
  Claim,
  ClaimOutcome,
  ClaimRefusal,
  ClaimRequest,
} from "../engine/ports/activations.ts";
import { isFinished, underWay } from "../model/status.ts";
import { hasFreeSlot, makeRunnable, pauseNow } from "./admission.ts";
import { isLeased } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import type { MemoryPartition } from "./memory-partition.ts";

/** The caller holds nothing that is still current; 0 entries held are another thing. */
const NOTHING = -1;

export function claim(partition: MemoryPartition, request: ClaimRequest): ClaimOutcome {
  const state = partition.instances.get(request.instanceId);
  if (state === undefined) {
    return { type: "refused", reason: "missing" };
  }
  if (isRepeat(partition, state, request)) {
    partition.places.move(request.instanceId, "leases", partition.now() + request.leaseMs);
    return { type: "claimed", claim: toClaim(partition, state, NOTHING) };
  }
  const reason = decideRefusal(partition, state, request);
  if (reason === "limited" && state.status === "waiting") {
    // It gets the next slot: rank 0 goes ahead of all that never ran.
    makeRunnable(partition, state);
  }
  if (reason !== undefined) {
    return { type: "refused", reason };
  }
  // Whose lease ran out may be alive after all, and is better told.
  partition.notifyWorker(state, "revoked");
  if (state.status === "waitingForPause") {
    // Its worker died before it could settle the pause. Nobody is there to dispatch what the freed
    // slot admits: redispatch will.
    state.orphan = "adopted";
    pauseNow(partition, state);
    return { type: "refused", reason: "paused" };
  }
  return { type: "claimed", claim: take(partition, state, request) };
}

function decideRefusal(
  partition: MemoryPartition,
  state: InstanceState,
  request: ClaimRequest,
): ClaimRefusal | undefined {
  if (isFinished(state.status)) {
    return "finished";
  }
  const place = partition.places.of(state.created.id)?.place;
  switch (state.status) {
    case "queued":
      if (place === "backlog") return "limited";
      return place === "timers" || place === "held" ? "waiting" : undefined;
    case "waiting":
      if (request.early !== true) {
        return "waiting";
      }
      return hasFreeSlot(partition) ? undefined : "limited";
    case "paused":
      return "paused";
    case "rollingBack":
      // Whatever it waits for, nothing of it can go on early.
      if (place === "timers") return "waiting";
      return place === "backlog" ? "limited" : whyHeld(partition, state);
    default:
      return whyHeld(partition, state);
  }
}

function whyHeld(partition: MemoryPartition, state: InstanceState): "leased" | undefined {
  return isLeaseLive(partition, state) ? "leased" : undefined;
}

function isRepeat(
  partition: MemoryPartition,
  state: InstanceState,
  request: ClaimRequest,
): boolean {
  return state.claimNonce === request.nonce && isLeaseLive(partition, state);
}

export function isLeaseLive(partition: MemoryPartition, state: InstanceState): boolean {
  const position = partition.places.of(state.created.id);
  return position?.place === "leases" && position.score >= partition.now();
}

function take(partition: MemoryPartition, state: InstanceState, request: ClaimRequest): Claim {
  const now = partition.now();
  const known = countKnown(state, request);
  const isAfterCrash = isLeased(state) || state.orphan === "adopted";
  state.orphan = isAfterCrash ? "claimed" : undefined;
  partition.transition(state, underWay(state.status, "running"));
  partition.places.move(state.created.id, "leases", now + request.leaseMs);
  state.fence = partition.nextNumber();
  state.commit = 0;
  state.committedAt = 0;
  if (state.startedAt === undefined) {
    state.startedAt = now;
    state.startedAfter = state.history.length;
    partition.tellWatchers(state);
  }
  state.delayedUntil = undefined;
  state.wakeAt = undefined;
  state.awaits = [];
  state.worker = request.workerId;
  state.claimNonce = request.nonce;
  return toClaim(partition, state, known);
}

/** How many entries the caller need not be sent again. */
function countKnown(state: InstanceState, { held }: ClaimRequest): number {
  const isCurrent = held?.fence === state.fence && state.history.length >= held.entries;
  return isCurrent ? held.entries : NOTHING;
}

function toClaim(partition: MemoryPartition, state: InstanceState, known: number): Claim {
  return {
    fence: state.fence,
    now: partition.now(),
    params: state.created.params,
    createdAt: state.createdAt,
    isContinuation: known !== NOTHING,
    history: state.history.slice(Math.max(0, known)),
    events: [...state.events.values()],
    lastEvent: state.eventSeq,
    isAfterCrash: state.orphan === "claimed",
  };
}

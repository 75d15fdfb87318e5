/** What comes to one instance from outside: events, and the verbs of its owner. */
import type { ActivationRequest, CommandOutcome } from "../engine/ports.ts";
import type { Payload } from "../model/payload.ts";
import { isFinished } from "../model/status.ts";
import { admit, makeRunnable, pauseNow, putOff, requeue, vacate } from "./admission.ts";
import { beginRollback, end } from "./fenced-writes.ts";
import { append, blankState } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import type { MemoryPartition } from "./memory-partition.ts";

export interface IncomingEvent {
  readonly type: string;
  readonly payload?: Payload;
}

export function sendEvent(
  partition: MemoryPartition,
  state: InstanceState,
  { type, payload }: IncomingEvent,
): CommandOutcome {
  if (isFinished(state.status)) {
    return { type: "refused", status: state.status };
  }
  state.eventSeq += 1;
  const event = { seq: state.eventSeq, at: partition.now(), type };
  state.events.set(
    state.eventSeq,
    Object.freeze(payload === undefined ? event : { ...event, payload }),
  );
  if (state.status === "waiting" && state.awaits.includes(type)) {
    return done(makeRunnable(partition, state));
  }
  partition.notifyWorker(state, "news");
  return done();
}

export function pause(partition: MemoryPartition, state: InstanceState): CommandOutcome {
  switch (state.status) {
    case "queued":
    case "waiting":
      return done(pauseNow(partition, state));
    case "running":
      partition.transition(state, "waitingForPause");
      partition.notifyWorker(state, "news");
      return done();
    default:
      return done();
  }
}

export function resume(partition: MemoryPartition, state: InstanceState): CommandOutcome {
  switch (state.status) {
    case "paused":
      return done(resumePaused(partition, state));
    case "waitingForPause":
      partition.transition(state, "running");
      partition.notifyWorker(state, "news");
      return done();
    default:
      return done();
  }
}

export function terminate(partition: MemoryPartition, state: InstanceState): CommandOutcome {
  if (isFinished(state.status)) {
    return { type: "refused", status: state.status };
  }
  if (state.status === "rollingBack") {
    return done();
  }
  partition.notifyWorker(state, "revoked");
  state.fence = partition.nextNumber();
  append(state, partition.now(), '{"type":"workflow_terminated"}');
  return done(end(partition, state, "terminated"));
}

export function rollBack(partition: MemoryPartition, state: InstanceState): CommandOutcome {
  if (state.startedAt === undefined || isFinished(state.status)) {
    return terminate(partition, state);
  }
  if (state.hasRollback) {
    return done(state.status === "paused" ? resumePaused(partition, state) : []);
  }
  const place = partition.places.of(state.created.id)?.place;
  const hasSlot = place === "leases" || place === "pending";
  partition.notifyWorker(state, "revoked");
  state.fence = partition.nextNumber();
  state.pausedAt = undefined;
  append(state, partition.now(), '{"type":"rollback_requested"}');
  beginRollback(partition, state);
  if (state.delayedUntil !== undefined && state.delayedUntil > partition.now()) {
    return done(putOff(partition, state, state.delayedUntil));
  }
  return done(hasSlot ? [requeue(partition, state)] : makeRunnable(partition, state));
}

export function restart(partition: MemoryPartition, state: InstanceState): CommandOutcome {
  partition.notifyWorker(state, "revoked");
  // Its slot goes to who waits for one; it starts over at the end of the line.
  const admitted = vacate(partition, state);
  Object.assign(state, blankState());
  state.fence = partition.nextNumber();
  state.baseline = state.fence;
  partition.reset(state, "queued");
  return done([...admitted, ...makeRunnable(partition, state)]);
}

export function remove(partition: MemoryPartition, state: InstanceState): CommandOutcome {
  partition.notifyWorker(state, "revoked");
  partition.remove(state);
  partition.deletions.add(state.created.id, partition.now());
  partition.notices.sendFinished(state.created.id);
  return done(admit(partition));
}

function resumePaused(
  partition: MemoryPartition,
  state: InstanceState,
): readonly ActivationRequest[] {
  const now = partition.now();
  const pausedAt = state.pausedAt ?? now;
  append(state, now, JSON.stringify({ type: "workflow_resumed", pausedMs: now - pausedAt }));
  state.pausedAt = undefined;
  // It was flagged while it rolled back.
  if (state.hasRollback) {
    partition.transition(state, "rollingBack");
  }
  if (state.delayedUntil === undefined || state.delayedUntil <= pausedAt) {
    return makeRunnable(partition, state);
  }
  return putOff(partition, state, state.delayedUntil + now - pausedAt);
}

function done(requests: readonly ActivationRequest[] = []): CommandOutcome {
  return { type: "done", requests };
}

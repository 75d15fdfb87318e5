/** What comes to one instance from outside: events, and the verbs of its owner. */
import type { ActivationRequest, CommandOutcome } from "../engine/ports.ts";
import type { Payload } from "../model/payload.ts";
import { isFinished } from "../model/status.ts";
import { admit, makeRunnable, pauseNow, vacate } from "./admission.ts";
import { end } from "./fenced-writes.ts";
import { blankState, takeIds } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import { enterLine, exitLine } from "./lines.ts";
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
  partition.notifyWorker(state, "revoked");
  state.fence = partition.nextNumber();
  partition.append(state, ['{"type":"workflow_terminated"}']);
  return done(end(partition, state, "terminated"));
}

export function restart(partition: MemoryPartition, state: InstanceState): CommandOutcome {
  partition.notifyWorker(state, "revoked");
  // Its slot goes to who waits for one; it starts over at the end of the line.
  const admitted = vacate(partition, state);
  const lastId = takeIds(state, sizeOfList(state));
  Object.assign(state, blankState());
  partition.append(state, [JSON.stringify({ type: "workflow_restarted", lastId })]);
  state.fence = partition.nextNumber();
  state.baseline = state.fence;
  partition.reset(state, "queued");
  if (!enterLine(partition, state)) return done(admitted);
  return done([...admitted, ...makeRunnable(partition, state)]);
}

export function remove(partition: MemoryPartition, state: InstanceState): CommandOutcome {
  partition.notifyWorker(state, "revoked");
  partition.tellWatchers(state);
  partition.remove(state);
  partition.deletions.add(state.created.id, partition.now());
  partition.notices.sendFinished({ instanceId: state.created.id });
  return done([...admit(partition), ...exitLine(partition, state)]);
}

/** Its params, its history, and its output or error. */
function sizeOfList({ history, output, error }: InstanceState): number {
  return 1 + history.length + (output === undefined && error === undefined ? 0 : 1);
}

function resumePaused(
  partition: MemoryPartition,
  state: InstanceState,
): readonly ActivationRequest[] {
  const now = partition.now();
  const pausedAt = state.pausedAt ?? now;
  partition.append(state, [JSON.stringify({ type: "workflow_resumed", pausedMs: now - pausedAt })]);
  state.pausedAt = undefined;
  if (state.delayedUntil === undefined || state.delayedUntil <= pausedAt) {
    if (enterLine(partition, state)) return makeRunnable(partition, state);
    partition.transition(state, "queued");
    return [];
  }
  state.delayedUntil += now - pausedAt;
  partition.transition(state, "queued");
  partition.places.move(state.created.id, "timers", state.delayedUntil);
  return [];
}

function done(requests: readonly ActivationRequest[] = []): CommandOutcome {
  return { type: "done", requests };
}

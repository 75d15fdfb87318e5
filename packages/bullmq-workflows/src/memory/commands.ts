/** What comes to one instance from outside: events, and the verbs of its owner. */
import type {
  CommandOutcome,
  IncomingEvent,
  OnceMark,
  RestartOutcome,
  RestartRequest,
} from "../engine/ports/commands.ts";
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { StoredEntry } from "../engine/ports/history.ts";
import { isAboutInstance } from "../model/history.ts";
import { isFinished } from "../model/status.ts";
import { admit, makeRunnable, pauseNow, putOff, requeue, vacate } from "./admission.ts";
import { beginRollback, end } from "./fenced-writes.ts";
import { blankState, isLeased, takeIds } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import { enterLine, exitLine, joinActive } from "./lines.ts";
import type { JobTurn, MemoryPartition } from "./memory-partition.ts";

/** Whether a job has not done it to the instance, and no later turn of it has begun. */
function isFirstTime(
  { turns }: MemoryPartition,
  { created: { id }, createdAt }: InstanceState,
  once: OnceMark | undefined,
): boolean {
  if (!once) return true;
  const known = turns.get(once.job) ?? NO_TURN;
  if (known.turn > once.turn) return false;
  const isNew = known.turn < once.turn;
  // Where a turn began, the next one does not go back to.
  const isToCome = ([, at]: readonly [string, number]): boolean => !isNew || at >= known.from;
  const done = new Map([...known.done].filter(isToCome));
  const from = isNew ? createdAt : Math.min(known.from, createdAt);
  turns.set(once.job, { turn: once.turn, from, done: new Map([...done, [id, createdAt]]) });
  return !done.has(id);
}

const NO_TURN: JobTurn = { turn: -1, from: 0, done: new Map() };

export function sendEvent(
  partition: MemoryPartition,
  state: InstanceState,
  { type, payload }: IncomingEvent,
  once?: OnceMark,
): CommandOutcome {
  if (isFinished(state.status)) {
    return { type: "refused", status: state.status };
  }
  if (!isFirstTime(partition, state, once)) return done();
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
  partition.append(state, ['{"type":"workflow_terminated"}']);
  return done(end(partition, state, "terminated"));
}

export function rollBack(partition: MemoryPartition, state: InstanceState): CommandOutcome {
  const [first] = state.history;
  // What a restart has kept was done by an earlier run.
  const hasSteps = state.startedAt !== undefined || (first && !isAboutInstance(first.text));
  if (!hasSteps || isFinished(state.status)) {
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
  partition.append(state, ['{"type":"rollback_requested"}']);
  beginRollback(partition, state);
  joinActive(partition, state);
  if (state.delayedUntil !== undefined && state.delayedUntil > partition.now()) {
    return done(putOff(partition, state, state.delayedUntil));
  }
  return done(hasSlot ? [requeue(partition, state)] : makeRunnable(partition, state));
}

export function restart(
  partition: MemoryPartition,
  state: InstanceState,
  once?: OnceMark,
): CommandOutcome {
  return isFirstTime(partition, state, once) ? startOver(partition, state) : done();
}

export function restartFrom(
  partition: MemoryPartition,
  { instanceId, length, last, prefix, rest, droppedStreams }: RestartRequest,
): RestartOutcome {
  const state = partition.instances.get(instanceId);
  if (state === undefined) return { type: "missing" };
  const newest = state.history.at(-1);
  const isSame = newest?.at === last.at && newest.text === last.text;
  if (state.history.length !== length || !isSame) {
    return { type: "changed" };
  }
  const streams = new Map(state.streams);
  // Who ran it may not have waited yet until what is kept is safe.
  const isUnsure = isLeased(state) || state.orphan !== undefined;
  const orphan = isUnsure ? "adopted" : undefined;
  for (const { id } of droppedStreams) {
    streams.delete(id);
  }
  return startOver(partition, state, (lastId) => {
    const kept = rest.map((entry) => Object.freeze(entry));
    const history = [...state.history.slice(0, prefix), ...cutBefore(kept, lastId)];
    return { history, streams, orphan };
  });
}

/** Without the cut they would get ids that what is wiped before them has had. */
function cutBefore(rest: readonly StoredEntry[], lastId: number): readonly StoredEntry[] {
  const [first] = rest;
  if (!first) return [];
  const text = JSON.stringify({ type: "history_cut", lastId });
  return [Object.freeze({ at: first.at, text }), ...rest];
}

function startOver(
  partition: MemoryPartition,
  state: InstanceState,
  keep: (
    lastId: number,
  ) => Partial<Pick<InstanceState, "history" | "streams" | "orphan">> = () => ({}),
): CommandOutcome {
  partition.notifyWorker(state, "revoked");
  // Its slot goes to who waits for one; it starts over at the end of the line.
  const admitted = vacate(partition, state);
  const lastId = takeIds(state, sizeOfList(state));
  Object.assign(state, blankState(), keep(lastId));
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
  partition.tellStatus(state, "deleted");
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
  // It was flagged while it rolled back.
  if (state.hasRollback) {
    partition.transition(state, "rollingBack");
  }
  if (state.delayedUntil === undefined || state.delayedUntil <= pausedAt) {
    if (state.hasRollback || enterLine(partition, state)) return makeRunnable(partition, state);
    partition.transition(state, "queued");
    return [];
  }
  return putOff(partition, state, state.delayedUntil + now - pausedAt);
}

function done(requests: readonly ActivationRequest[] = []): CommandOutcome {
  return { type: "done", requests };
}

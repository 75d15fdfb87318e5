/**
 * The writes of an activation.
 *
 * Each is judged first: a stale fence changes nothing (I2), and a repeat of a write that was made
 * answers as the first time did.
 */
import type {
  CommitOutcome,
  CommitRequest,
  FencedWrite,
  FinishOutcome,
  FinishRequest,
  FinishRollbackRequest,
  ReleaseOutcome,
  RenewOutcome,
  RenewRequest,
  SettlePauseOutcome,
  Stale,
  SuspendOutcome,
  SuspendRequest,
} from "../engine/ports/activations.ts";
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { EndNotice } from "../engine/ports/notices.ts";
import { TOLD_RESULT_SIZE_LIMIT } from "../model/limits.ts";
import { sizeOf } from "../model/payload-size.ts";
import { underWay } from "../model/status.ts";
import { pauseNow, requeue, vacate } from "./admission.ts";
import { isLeased, newsFor } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import { exitLine } from "./lines.ts";
import type { MemoryPartition } from "./memory-partition.ts";
import { isThere, keepStreams } from "./streams.ts";

const STALE: Stale = { type: "stale" };

type Judgement = { readonly type: "current" | "repeat"; readonly state: InstanceState } | Stale;

export function commit(partition: MemoryPartition, write: CommitRequest): CommitOutcome {
  const judged = judge(partition, write);
  if (judged.type === "stale") {
    return STALE;
  }
  const { state } = judged;
  if (judged.type === "repeat") {
    return { type: "committed", at: state.committedAt, news: newsFor(state, write.seenEvent) };
  }
  const { streams = [] } = write;
  if (!streams.every((stream) => isThere(state, stream))) {
    return STALE;
  }
  keepStreams(partition, state, streams);
  // A look leaves its number to the next write.
  if (write.entries.length > 0 || write.consumed.length > 0) {
    apply(partition, state, write);
  }
  return { type: "committed", at: partition.now(), news: newsFor(state, write.seenEvent) };
}

export function suspend(partition: MemoryPartition, write: SuspendRequest): SuspendOutcome {
  const judged = judgeEnding(partition, write);
  if (judged.type === "stale") {
    return STALE;
  }
  const { state } = judged;
  if (judged.type === "repeat") {
    return { type: "suspended", at: state.committedAt, requests: [] };
  }
  if (state.eventSeq > write.seenEvent || state.status === "waitingForPause") {
    return { type: "arrived", news: newsFor(state, write.seenEvent) };
  }
  apply(partition, state, write);
  partition.transition(state, underWay(state.status, "waiting"));
  const requests = vacate(partition, state);
  waitFor(partition, state, write);
  return { type: "suspended", at: state.committedAt, requests };
}

export function finish(partition: MemoryPartition, write: FinishRequest): FinishOutcome {
  const judged = judgeEnding(partition, write);
  if (judged.type === "stale") {
    return STALE;
  }
  const { state } = judged;
  if (judged.type === "repeat") {
    return { type: "finished", at: state.committedAt, requests: [] };
  }
  const { result } = write;
  apply(partition, state, write);
  if (result.status === "complete") {
    state.output = result.output;
    partition.append(state, ['{"type":"workflow_completed"}']);
  } else {
    state.error = result.error;
    partition.append(state, ['{"type":"workflow_errored"}']);
  }
  const at = state.committedAt;
  const notice = noticeOf(write);
  return { type: "finished", at, requests: end(partition, state, result.status, notice) };
}

/** Everybody who listens gets it: only a short result is in it. */
function noticeOf({ instanceId, fence, result }: FinishRequest): EndNotice {
  const text = result.status === "complete" ? result.output : result.error;
  if (sizeOf(text) > TOLD_RESULT_SIZE_LIMIT) return { instanceId };
  return { instanceId, end: { fence, result } };
}

export function startRollback(partition: MemoryPartition, write: FencedWrite): CommitOutcome {
  const judged = judge(partition, write);
  if (judged.type === "stale") {
    return STALE;
  }
  const { state } = judged;
  if (judged.type === "current") {
    apply(partition, state, write);
    beginRollback(partition, state);
  }
  return { type: "committed", at: state.committedAt, news: newsFor(state, write.seenEvent) };
}

export function finishRollback(
  partition: MemoryPartition,
  write: FinishRollbackRequest,
): FinishOutcome {
  const judged = judgeEnding(partition, write);
  if (judged.type === "stale") {
    return STALE;
  }
  const { state } = judged;
  const at = judged.type === "repeat" ? state.committedAt : partition.now();
  if (judged.type === "repeat") {
    return { type: "finished", at, requests: [] };
  }
  const { ending, result } = write;
  apply(partition, state, write);
  state.rollbackEnding = ending;
  if (ending !== undefined) partition.append(state, [ending]);
  if (result.status === "errored") state.error = result.error;
  partition.append(state, [`{"type":"workflow_${result.status}"}`]);
  return { type: "finished", at, requests: end(partition, state, result.status) };
}

/** From here on it can only be rolled back. */
export function beginRollback(partition: MemoryPartition, state: InstanceState): void {
  partition.transition(state, "rollingBack");
  state.hasRollback = true;
}

export function settlePause(partition: MemoryPartition, write: FencedWrite): SettlePauseOutcome {
  const judged = judge(partition, write);
  if (judged.type === "stale") {
    return STALE;
  }
  const { state } = judged;
  const isRepeat = judged.type === "repeat";
  if (isRepeat && !isLeased(state)) {
    if (state.commit !== write.commit) {
      return STALE;
    }
    return { type: "paused", at: state.committedAt, requests: [] };
  }
  if (!isRepeat) {
    const isPausing = state.status === "waitingForPause";
    apply(partition, state, write);
    if (isPausing) {
      return { type: "paused", at: state.committedAt, requests: pauseNow(partition, state) };
    }
  }
  return { type: "resumed", at: state.committedAt, news: newsFor(state, write.seenEvent) };
}

export function release(partition: MemoryPartition, write: FencedWrite): ReleaseOutcome {
  const judged = judgeEnding(partition, write);
  if (judged.type === "stale") {
    return STALE;
  }
  const { state } = judged;
  if (judged.type === "repeat") {
    return { type: "released", at: state.committedAt, requests: [] };
  }
  apply(partition, state, write);
  return { type: "released", at: state.committedAt, requests: handBack(partition, state) };
}

export function renew(partition: MemoryPartition, request: RenewRequest): RenewOutcome {
  const state = partition.instances.get(request.instanceId);
  if (state?.fence !== request.fence || !isLeased(state)) {
    return STALE;
  }
  partition.places.move(request.instanceId, "leases", partition.now() + request.leaseMs);
  return { type: "renewed", news: newsFor(state, request.seenEvent) };
}

/** Where an instance goes whose worker gives up on it: a pause that was promised is kept. */
export function handBack(
  partition: MemoryPartition,
  state: InstanceState,
): readonly ActivationRequest[] {
  return state.status === "waitingForPause"
    ? pauseNow(partition, state)
    : [requeue(partition, state)];
}

/** Ends it for good: its slot is free, its events are gone, its retention runs. */
export function end(
  partition: MemoryPartition,
  state: InstanceState,
  status: "complete" | "errored" | "terminated",
  notice: EndNotice = { instanceId: state.created.id },
): readonly ActivationRequest[] {
  const { id, retention } = state.created;
  const now = partition.now();
  partition.transition(state, status);
  state.endedAt = now;
  state.pausedAt = undefined;
  state.wakeAt = undefined;
  state.awaits = [];
  state.events.clear();
  const requests = vacate(partition, state);
  const keepMs = status === "complete" ? retention.successMs : retention.errorMs;
  partition.places.move(id, "expiry", now + keepMs);
  partition.notices.sendFinished(notice);
  return [...requests, ...exitLine(partition, state)];
}

function judge(partition: MemoryPartition, write: FencedWrite): Judgement {
  const state = partition.instances.get(write.instanceId);
  // A record that knows less than was confirmed went back in time: appending to it would leave a gap.
  if (state === undefined || state.fence !== write.fence || state.commit < write.after) {
    return STALE;
  }
  if (write.commit <= state.commit) {
    return { type: "repeat", state };
  }
  return isLeased(state) ? { type: "current", state } : STALE;
}

/** As {@link judge}, for a write that ends the activation: nothing can have been written after it. */
function judgeEnding(partition: MemoryPartition, write: FencedWrite): Judgement {
  const judged = judge(partition, write);
  if (judged.type !== "repeat") {
    return judged;
  }
  const { state } = judged;
  if (isLeased(state)) {
    throw new Error(
      `Write ${write.commit} of instance ${write.instanceId} ends its activation under a number that another write has used`,
    );
  }
  return state.commit === write.commit ? judged : STALE;
}

function apply(partition: MemoryPartition, state: InstanceState, write: FencedWrite): void {
  const now = partition.now();
  partition.append(state, write.entries, now);
  for (const seq of write.consumed) {
    state.events.delete(seq);
  }
  state.commit = write.commit;
  state.committedAt = now;
}

function waitFor(partition: MemoryPartition, state: InstanceState, write: SuspendRequest): void {
  const { wakeAt = Infinity, wakeInMs = Infinity } = write;
  const soonest = Math.min(wakeAt, partition.now() + wakeInMs);
  state.awaits = [...write.awaits];
  if (Number.isFinite(soonest)) {
    state.wakeAt = soonest;
    partition.places.move(state.created.id, "timers", soonest);
  }
}

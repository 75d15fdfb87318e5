/** Comparing what somebody knows of an instance with what there is, and putting back what was lost. */
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { StoredEntry } from "../engine/ports/history.ts";
import type {
  ConsumedEvent,
  HeldEntry,
  KnownInstance,
  ReassertOutcome,
} from "../engine/ports/reassertion.ts";
import { isFinished } from "../model/status.ts";
import { makeRunnable, pauseNow, putOff, requeue } from "./admission.ts";
import { isLeaseLive } from "./claim.ts";
import { beginsRollback } from "../model/history.ts";
import { beginRollback } from "./fenced-writes.ts";
import { isLeased, retakeIds, takeIds } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import { joinActive } from "./lines.ts";
import type { MemoryPartition } from "./memory-partition.ts";
import { keepStreams } from "./streams.ts";

const KEPT: ReassertOutcome = { type: "kept" };

export function reassert(partition: MemoryPartition, known: KnownInstance): ReassertOutcome {
  const state = partition.instances.get(known.instanceId);
  if (state === undefined || state.createdAt !== (known.createdAt ?? state.createdAt)) {
    return partition.deletions.mayInclude(known, partition) ? KEPT : { type: "missing" };
  }
  if (state.baseline > known.fence) {
    // Restarted or flagged since: what was known before is no measure any more.
    const { flag, status } = state;
    const isRepeat = flag?.fence === known.fence;
    return isRepeat ? { type: "flagged", lost: flag.lost, status, requests: [] } : KEPT;
  }
  return compare(partition, state, known);
}

function compare(
  partition: MemoryPartition,
  state: InstanceState,
  known: KnownInstance,
): ReassertOutcome {
  const { entries, held } = known;
  const { length } = state.history;
  const first = entries - held.length;
  const same = countSame(state.history.slice(first), held);
  const agreed = first + same;
  if (length >= entries && agreed === entries) {
    if (known.fence > 0 && state.fence === known.fence) {
      renumberEvents(partition, state, known);
    }
    return KEPT;
  }
  // What comes before the first entry held is taken on trust, once that entry is found to agree.
  const isRestorable = agreed === length && (same > 0 || first === 0);
  const lost = entries - Math.min(agreed, length);
  if (isFinished(state.status)) {
    return { type: "flagged", lost, status: state.status, requests: [] };
  }
  if (!isRestorable) {
    return flag(partition, state, { known, lost });
  }
  return restore(partition, state, { known, missing: held.slice(same) });
}

function countSame(stored: readonly StoredEntry[], held: readonly HeldEntry[]): number {
  const isSame = ({ at, text }: HeldEntry, index: number): boolean =>
    at === stored[index]?.at && text === stored[index].text;
  const differing = held.findIndex((entry, index) => !isSame(entry, index));
  return differing < 0 ? held.length : differing;
}

function flag(
  partition: MemoryPartition,
  state: InstanceState,
  { known, lost }: { readonly known: KnownInstance; readonly lost: number },
): ReassertOutcome {
  const entry = { type: "history_lost", known: known.entries, lost };
  takeIds(state, known.entries + 1);
  partition.append(state, [JSON.stringify(entry)]);
  state.delayedUntil = endOfForeignLease(partition, state, known) ?? state.delayedUntil;
  takeFence(partition, state);
  state.baseline = state.fence;
  state.flag = { fence: known.fence, lost };
  const requests = state.status === "paused" ? [] : pauseNow(partition, state);
  return { type: "flagged", lost, status: state.status, requests };
}

function restore(
  partition: MemoryPartition,
  state: InstanceState,
  { known, missing }: { readonly known: KnownInstance; readonly missing: readonly HeldEntry[] },
): ReassertOutcome {
  if (state.startedAt === undefined) state.startedAfter = state.history.length;
  // Before anything is appended: who reads the history must not see it go on without a start.
  state.startedAt ??= partition.now();
  for (const { at, text, consumed, stream } of missing) {
    partition.append(state, [text], at);
    retakeIds(state, text);
    if (consumed) retakeEvent(state, consumed);
    if (stream) keepStreams(partition, state, [stream]);
  }
  state.delayedUntil = endOfForeignLease(partition, state, known);
  takeFence(partition, state);
  // In that nobody has waited here for what was put back to be safe.
  state.orphan = "adopted";
  if (missing.some(({ text }) => beginsRollback(text))) beginRollback(partition, state);
  joinActive(partition, state);
  return { type: "reasserted", restored: missing.length, requests: goOn(partition, state) };
}

/**
 * Its number is no measure: it may be that of a newer event now, and not everybody who knows the entry
 * has known the number. Of several that are alike in everything else, the first was taken first.
 */
function retakeEvent(state: InstanceState, { at, type, payload }: ConsumedEvent): void {
  const numbers = [...state.events.values()]
    .filter((event) => event.at === at && event.type === type && event.payload === payload)
    .map(({ seq }) => seq);
  if (numbers.length > 0) state.events.delete(Math.min(...numbers));
}

function goOn(partition: MemoryPartition, state: InstanceState): readonly ActivationRequest[] {
  if (state.status === "waitingForPause") {
    return pauseNow(partition, state);
  }
  state.pausedAt = undefined;
  if (state.delayedUntil !== undefined) {
    return putOff(partition, state, state.delayedUntil);
  }
  const place = partition.places.of(state.created.id)?.place;
  const hasSlot = isLeased(state) || place === "pending";
  return hasSlot ? [requeue(partition, state)] : makeRunnable(partition, state);
}

/**
 * Whoever claimed it since what the caller knows may begin steps until his lease runs out or he hears
 * that it is over. Who gets the instance before that could end steps that he begins after it (I1).
 */
function endOfForeignLease(
  partition: MemoryPartition,
  state: InstanceState,
  { fence, unused }: KnownInstance,
): number | undefined {
  const position = partition.places.of(state.created.id);
  const isForeign = state.fence > fence && state.fence !== unused;
  if (!isForeign || position === undefined || !isLeaseLive(partition, state)) {
    return undefined;
  }
  return position.score + 1;
}

/** Whoever has a claim now has none any more. */
function takeFence(partition: MemoryPartition, state: InstanceState): void {
  partition.notifyWorker(state, "revoked");
  state.fence = partition.nextNumber();
  state.commit = 0;
}

/**
 * Events that were lost leave numbers that new ones get again, and whoever has seen the lost ones would
 * take the new ones for seen. Gives those, and all to come, numbers that nobody has seen.
 */
function renumberEvents(
  partition: MemoryPartition,
  state: InstanceState,
  { lastEvent, lastEventAt }: KnownInstance,
): void {
  const before = state.eventSeq;
  state.eventSeq = Math.max(before, lastEvent);
  const reused = [...state.events.values()].filter(
    ({ seq, at }) => seq <= lastEvent && at > lastEventAt,
  );
  for (const event of reused) {
    state.events.delete(event.seq);
    state.eventSeq += 1;
    state.events.set(state.eventSeq, Object.freeze({ ...event, seq: state.eventSeq }));
  }
  if (state.eventSeq > before) {
    partition.notifyWorker(state, "news");
  }
}

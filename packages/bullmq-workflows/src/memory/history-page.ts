/** Reading a history in parts. */
import type { HistoryPage, HistoryRequest, StoredEntry } from "../engine/ports/history.ts";
import { isFinished } from "../model/status.ts";
import type { MemoryPartition } from "./memory-partition.ts";

const CHUNK = 16;
const ENOUGH_LENGTH = 262_144;

export function readHistory(
  partition: MemoryPartition,
  { instanceId, from, limit, watchMs }: HistoryRequest,
): HistoryPage | undefined {
  const state = partition.instances.get(instanceId);
  if (state === undefined) return undefined;
  if (watchMs !== undefined && !isFinished(state.status)) {
    state.watchedUntil = partition.now() + watchMs;
  }
  const { created, createdAt, startedAt, startedAfter, history, baseline } = state;
  const entries = takePage(history.slice(from, from + limit));
  const result = state.output ?? state.error;
  return {
    nonce: created.nonce,
    edition: baseline,
    createdAt,
    ...(startedAt !== undefined && { startedAt }),
    startedAfter,
    ...(from <= startedAfter && { params: created.params }),
    entries,
    length: history.length,
    ...(result !== undefined && from + entries.length === history.length && { result }),
  };
}

function takePage(entries: readonly StoredEntry[]): readonly StoredEntry[] {
  let length = 0;
  for (let end = CHUNK; end < entries.length; end += CHUNK) {
    for (const { text } of entries.slice(end - CHUNK, end)) length += text.length;
    if (length >= ENOUGH_LENGTH) return entries.slice(0, end);
  }
  return entries;
}

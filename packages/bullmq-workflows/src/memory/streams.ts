/**
 * Streams that steps return, piece by piece.
 *
 * A stream is open until a commit refers to it, and then kept. One that is still open when the claim that
 * writes it is over can never be kept: it is swept.
 */
import type {
  ChunkOutcome,
  ChunkWrite,
  StoredChunk,
  StoredStream,
  StreamSweep,
} from "../engine/ports/streams.ts";
import type { StreamReference } from "../model/history.ts";
import type { InstanceState } from "./instance-state.ts";
import type { MemoryPartition } from "./memory-partition.ts";

interface Stream {
  readonly chunks: ReadonlyMap<number, Uint8Array>;
  /** The place after the last chunk. */
  readonly length: number;
  readonly bytes: number;
  readonly isKept: boolean;
}

export type Streams = Map<string, Stream>;

const NOTHING: Stream = { chunks: new Map(), length: 0, bytes: 0, isKept: false };

export function writeChunk(partition: MemoryPartition, write: ChunkWrite): ChunkOutcome {
  const { instanceId, fence, stream, index, bytes } = write;
  const state = partition.instances.get(instanceId);
  if (state?.fence !== fence || state.worker === undefined) {
    return { type: "stale" };
  }
  const held = state.streams.get(stream) ?? NOTHING;
  if (held.length < write.confirmed) {
    return { type: "stale" };
  }
  if (held.chunks.has(index)) {
    return { type: "written" };
  }
  if (countBytes(state) + bytes.length > write.limitBytes) {
    return { type: "full" };
  }
  state.streams.set(stream, {
    chunks: new Map(held.chunks).set(index, bytes.slice()),
    length: Math.max(held.length, index + 1),
    bytes: held.bytes + bytes.length,
    isKept: false,
  });
  partition.openStreams.set(memberOf(instanceId, stream), partition.now());
  return { type: "written" };
}

export function readChunk(
  { instances }: MemoryPartition,
  { instanceId, stream, index }: StoredChunk,
): Uint8Array | undefined {
  return instances.get(instanceId)?.streams.get(stream)?.chunks.get(index)?.slice();
}

export function checkStreams(
  { instances }: MemoryPartition,
  instanceId: string,
  streams: readonly StreamReference[],
): readonly boolean[] {
  const state = instances.get(instanceId);
  return streams.map((stream) => state !== undefined && isThere(state, stream));
}

export function isThere(
  { streams }: InstanceState,
  { id, chunks, bytes }: StreamReference,
): boolean {
  // Of a stream without chunks nothing was ever written.
  if (chunks === 0 && bytes === 0) return true;
  const held = streams.get(id) ?? NOTHING;
  return held.length === chunks && held.bytes === bytes;
}

export function keepStreams(
  partition: MemoryPartition,
  state: InstanceState,
  streams: readonly StreamReference[],
): void {
  for (const { id } of streams) {
    const held = state.streams.get(id);
    if (held) state.streams.set(id, { ...held, isKept: true });
    partition.openStreams.delete(memberOf(state.created.id, id));
  }
}

export function discardStream(
  partition: MemoryPartition,
  { instanceId, stream }: StoredStream,
): void {
  partition.instances.get(instanceId)?.streams.delete(stream);
  partition.openStreams.delete(memberOf(instanceId, stream));
}

export function sweepStreams(
  partition: MemoryPartition,
  { olderThanMs, limit }: StreamSweep,
): boolean {
  const now = partition.now();
  const due = [...partition.openStreams]
    .filter(([, writtenAt]) => writtenAt <= now - olderThanMs)
    .slice(0, limit);
  for (const [member] of due) {
    const [stream, instanceId] = splitMember(member);
    const state = partition.instances.get(instanceId);
    const isWritten = state && state.worker !== undefined && isOfFence(stream, state.fence);
    if (isWritten) partition.openStreams.set(member, now);
    else discardStream(partition, { instanceId, stream });
  }
  return due.length === limit;
}

/** What all that is kept takes, and what the current claim writes. */
function countBytes({ streams, fence }: InstanceState): number {
  let total = 0;
  for (const [id, { bytes, isKept }] of streams) if (isKept || isOfFence(id, fence)) total += bytes;
  return total;
}

function isOfFence(stream: string, fence: number): boolean {
  return stream.startsWith(`${fence}.`);
}

function memberOf(instanceId: string, stream: string): string {
  return `${stream} ${instanceId}`;
}

function splitMember(member: string): readonly [string, string] {
  const end = member.indexOf(" ");
  return [member.slice(0, end), member.slice(end + 1)];
}

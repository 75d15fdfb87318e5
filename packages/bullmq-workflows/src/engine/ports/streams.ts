/** The part of the store that keeps the streams which steps return, piece by piece. See store.ts. */
import type { StreamReference } from "../../model/history.ts";
import type { Stale } from "./activations.ts";

/** A piece of a stream that a running attempt writes. */
export interface ChunkWrite {
  readonly instanceId: string;
  readonly fence: number;
  /** The stream's id. It begins with the fence and a dot. */
  readonly stream: string;
  /** Which piece, from 0. Repeating one writes nothing. */
  readonly index: number;
  /** How many, from the first one on, the store has confirmed. One that has fewer went back in time: {@link Stale}. */
  readonly confirmed: number;
  readonly bytes: Uint8Array;
  /** What all streams of the instance may take, in bytes. */
  readonly limitBytes: number;
}

/** `full`: the instance has no room for it. Nothing was written. */
export type ChunkOutcome = { readonly type: "written" | "full" } | Stale;

/** Names a stream among those of all instances. */
export interface StoredStream {
  readonly instanceId: string;
  readonly stream: string;
}

export interface StoredChunk extends StoredStream {
  readonly index: number;
}

export interface StreamSweep {
  readonly olderThanMs: number;
  readonly limit: number;
}

export interface StreamStore {
  /** Keeps a piece of a stream. It counts for nothing until a commit refers to the stream. */
  writeChunk(write: ChunkWrite): Promise<ChunkOutcome>;
  /** `undefined` when it is not there. */
  readChunk(chunk: StoredChunk): Promise<Uint8Array | undefined>;
  /** Which of these streams are all there, in the order of the input. */
  checkStreams(
    instanceId: string,
    streams: readonly StreamReference[],
  ): Promise<readonly boolean[]>;
  /** Removes a stream that nothing refers to, and that is not written to any more. */
  discardStream(stream: StoredStream): Promise<void>;
  /**
   * Removes streams that no commit can refer to any more, when nothing was written to them for so long;
   * answers whether there may be more.
   */
  sweepStreams(request: StreamSweep): Promise<boolean>;
}

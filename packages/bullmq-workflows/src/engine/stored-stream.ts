/** Reading a stream that the store keeps. */
import type { StreamReference } from "../model/history.ts";
import { insist } from "./insist.ts";
import type { Clock, Store } from "./ports.ts";

export interface StoredStreamParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly instanceId: string;
  readonly reference: StreamReference;
  /** What to throw when not all of it is there. */
  readonly corrupt: () => Error;
  /** Whether the reader has no say any more. */
  readonly isOver: () => boolean;
}

/** A new stream over stored bytes. It asks for a piece when it is read, and holds no more than that. */
export function openStored(parts: StoredStreamParts): ReadableStream<Uint8Array> {
  const { reference, corrupt } = parts;
  let index = 0;
  let bytes = 0;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    if (index < reference.chunks) {
      const chunk = await readChunk(parts, index);
      index++;
      bytes += chunk.length;
      if (bytes > reference.bytes) throw corrupt();
      controller.enqueue(chunk);
    } else if (bytes === reference.bytes) controller.close();
    else throw corrupt();
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

async function readChunk(parts: StoredStreamParts, index: number): Promise<Uint8Array> {
  const { store, clock, instanceId, reference, corrupt, isOver } = parts;
  const read = async (): Promise<Uint8Array | undefined> =>
    await store.readChunk({ instanceId, stream: reference.id, index });
  const bytes = await insist(read, { clock, mayRetry: () => !isOver() });
  // Of its own: what the client has read it into holds other things as well.
  if (bytes) return new Uint8Array(bytes);
  // Deleted, or restarted: no concern of code that has no say any more (I7).
  if (isOver()) return await new Promise<never>(() => {});
  throw corrupt();
}

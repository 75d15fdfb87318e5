/** Reading a stream that a step returned out of the store. */
import { WorkflowInternalError } from "../model/errors.ts";
import type { StreamReference } from "../model/history.ts";
import { insist } from "./insist.ts";
import type { Clock } from "./ports/clock.ts";
import type { Store } from "./ports/store.ts";

export interface StreamSource {
  readonly store: Pick<Store, "streams">;
  readonly clock: Clock;
  readonly instanceId: string;
  /** Whether nobody is to be told anything any more. */
  readonly isOver: () => boolean;
  /** What a reader is told when not all of it is there. @defaultValue what the workflow's code is told */
  readonly explain?: () => Error;
}

/** A new stream over stored bytes. It asks for a piece when it is read, and holds no more than that. */
export function openStoredStream(
  source: StreamSource,
  reference: StreamReference,
  step: string,
): ReadableStream<Uint8Array> {
  let index = 0;
  let bytes = 0;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    if (index < reference.chunks) {
      const chunk = await readChunk(source, { id: reference.id, step, index });
      index++;
      bytes += chunk.length;
      if (bytes > reference.bytes) throw (source.explain ?? corrupt)(step);
      controller.enqueue(chunk);
    } else if (bytes === reference.bytes) controller.close();
    else throw (source.explain ?? corrupt)(step);
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

async function readChunk(
  source: StreamSource,
  { id, step, index }: { readonly id: string; readonly step: string; readonly index: number },
): Promise<Uint8Array> {
  const { store, clock, instanceId, isOver } = source;
  const read = async (): Promise<Uint8Array | undefined> =>
    await store.streams.readChunk({ instanceId, stream: id, index });
  const bytes = await insist(read, { clock, mayRetry: () => !isOver() });
  // Of its own: what the client has read it into holds other things as well.
  if (bytes) return new Uint8Array(bytes);
  // Deleted, or restarted: no concern of code that has no say any more (I7).
  if (isOver()) return await new Promise<never>(() => {});
  throw (source.explain ?? corrupt)(step);
}

/** Its chunks are not, or not all, where the history says. Cloudflare's text. */
export function corrupt(step: string): WorkflowInternalError {
  const message = `Stored output for ${step} is corrupt or incomplete.`;
  return new WorkflowInternalError("step.output_corrupt", message);
}

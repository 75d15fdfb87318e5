/** The streams of one run: those that its steps return, and those that it reads again from the store. */
import { WorkflowInternalError } from "../model/errors.ts";
import type { StreamReference } from "../model/history.ts";
import { encodeError } from "../model/payload.ts";
import type { Timeline } from "../model/timeline.ts";
import { insist } from "./insist.ts";
import type { Clock, Store } from "./ports.ts";
import { StreamWriter } from "./stream-writer.ts";

export interface RunStreamsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly instanceId: string;
  readonly limitBytes: number;
  /** The fence of the claim that is held now. */
  readonly fence: () => number;
  /** Whether the run has no say any more. */
  readonly isOver: () => boolean;
  /** The store says that the claim is gone. */
  readonly onStale: () => void;
}

export class RunStreams {
  readonly #parts: RunStreamsParts;
  #count = 0;

  constructor(parts: RunStreamsParts) {
    this.#parts = parts;
  }

  createWriter(): StreamWriter {
    const fence = this.#parts.fence();
    // A claim never has a number that another one had, so neither has a stream.
    return new StreamWriter({ ...this.#parts, fence, id: `${fence}.${++this.#count}` });
  }

  /** A new stream over stored bytes. It asks for a piece when it is read, and holds no more than that. */
  open(reference: StreamReference, step: string): ReadableStream<Uint8Array> {
    let index = 0;
    let bytes = 0;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      if (index < reference.chunks) {
        const chunk = await this.#read(reference, step, index);
        index++;
        bytes += chunk.length;
        if (bytes > reference.bytes) throw corrupt(step);
        controller.enqueue(chunk);
      } else if (bytes === reference.bytes) controller.close();
      else throw corrupt(step);
    };
    return new ReadableStream({ pull }, { highWaterMark: 0 });
  }

  /** Which of these are not what was kept. */
  async findCorrupt(references: readonly StreamReference[]): Promise<readonly StreamReference[]> {
    const { store, clock, instanceId, isOver } = this.#parts;
    const check = async (): Promise<readonly boolean[]> =>
      await store.checkStreams(instanceId, references);
    const areThere = await insist(check, { clock, mayRetry: () => !isOver() });
    return references.filter((_, index) => !areThere[index]);
  }

  async #read({ id }: StreamReference, step: string, index: number): Promise<Uint8Array> {
    const { store, clock, instanceId, isOver } = this.#parts;
    const read = async (): Promise<Uint8Array | undefined> =>
      await store.readChunk({ instanceId, stream: id, index });
    const bytes = await insist(read, { clock, mayRetry: () => !isOver() });
    // Of its own: what the client has read it into holds other things as well.
    if (bytes) return new Uint8Array(bytes);
    // Deleted, or restarted: no concern of code that has no say any more (I7).
    if (isOver()) return await new Promise<never>(() => {});
    throw corrupt(step);
  }
}

/** Makes steps fail whose streams the store has lost: what they were is gone, and nobody makes it again. */
export async function markCorruptStreams(run: {
  readonly timeline: Timeline;
  readonly streams: RunStreams;
}): Promise<void> {
  const references = run.timeline.streams.flatMap(({ settlement }) =>
    settlement?.type === "stream" ? settlement.stream : [],
  );
  const lost = new Set(await run.streams.findCorrupt(references));
  for (const state of run.timeline.streams) {
    const { settlement } = state;
    if (settlement?.type !== "stream" || !lost.has(settlement.stream)) continue;
    const json: unknown = JSON.parse(encodeError(corrupt(settlement.step)));
    state.settlement = { type: "error", json };
  }
}

/** Its chunks are not, or not all, where the history says. Cloudflare's text. */
function corrupt(step: string): WorkflowInternalError {
  const message = `Stored output for ${step} is corrupt or incomplete.`;
  return new WorkflowInternalError("step.output_corrupt", message);
}

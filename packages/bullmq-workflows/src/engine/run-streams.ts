/** The streams of one run: those that its steps return, and those that it reads again from the store. */
import type { StreamReference } from "../model/history.ts";
import { encodeError } from "../model/payload.ts";
import type { Timeline } from "../model/timeline.ts";
import { insist } from "./insist.ts";
import type { Clock } from "./ports/clock.ts";
import type { Store } from "./ports/store.ts";
import { corrupt, openStoredStream } from "./stored-stream.ts";
import { StreamWriter } from "./stream-writer.ts";

export interface RunStreamsParts {
  readonly store: Pick<Store, "streams">;
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

  /** A new stream over stored bytes. */
  open(reference: StreamReference, step: string): ReadableStream<Uint8Array> {
    return openStoredStream(this.#parts, reference, step);
  }

  /** Which of these are not what was kept. */
  async findCorrupt(references: readonly StreamReference[]): Promise<readonly StreamReference[]> {
    const { store, clock, instanceId, isOver } = this.#parts;
    const check = async (): Promise<readonly boolean[]> =>
      await store.streams.checkStreams(instanceId, references);
    const areThere = await insist(check, { clock, mayRetry: () => !isOver() });
    return references.filter((_, index) => !areThere[index]);
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

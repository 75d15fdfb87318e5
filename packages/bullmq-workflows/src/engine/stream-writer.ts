/**
 * Takes a stream that a step returned to the store, piece by piece.
 *
 * However fast the source is, no more than a few pieces are on their way: it is read only when there is
 * room for more. Until a commit refers to them the pieces count for nothing, and when the source fails, or
 * the attempt is called off, they are removed before anybody hears of it: the next attempt may need the
 * room.
 */
import { Readable } from "node:stream";
import type { StreamReference } from "../model/history.ts";
import { STREAM_CHUNK_SIZE, STREAM_INPUT_CHUNK_LIMIT } from "../model/limits.ts";
import {
  InvalidStepReadableStreamError,
  OversizedStreamChunkError,
  StreamOutputStorageLimitError,
  UnsupportedStreamChunkError,
} from "../model/stream-errors.ts";
import { StreamPreview } from "../model/stream-preview.ts";
import { insist } from "./insist.ts";
import type { Clock } from "./ports/clock.ts";
import type { Store } from "./ports/store.ts";
import type { ChunkOutcome } from "./ports/streams.ts";

/** Pieces of one stream that are on their way to the store at once. */
const MAX_IN_FLIGHT = 4;

export interface StreamWriterParts {
  readonly store: Pick<Store, "streams">;
  readonly clock: Clock;
  readonly instanceId: string;
  readonly fence: number;
  /** Names it; begins with the fence and a dot. */
  readonly id: string;
  readonly limitBytes: number;
  /** Whether the store is worth insisting on. */
  readonly isOver: () => boolean;
  /** The store says that the claim is gone, or it has gone back in time. */
  readonly onStale: () => void;
}

export class StreamWriter {
  readonly #parts: StreamWriterParts;
  readonly #preview = new StreamPreview();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #confirmed = new Set<number>();
  #confirmedBefore = 0;
  #reader: ReadableStreamDefaultReader<unknown> | undefined;
  #buffer = new Uint8Array(0);
  #filled = 0;
  #chunks = 0;
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(parts: StreamWriterParts) {
    this.#parts = parts;
  }

  /** Resolves when the store has all of it; rejects when nothing is left of it there. */
  async write(source: ReadableStream<unknown>): Promise<StreamReference> {
    try {
      if (source.locked || isDisturbed(source)) throw new InvalidStepReadableStreamError();
      this.#reader = source.getReader();
      await this.#readAll(this.#reader);
      await Promise.all(this.#inFlight);
      this.#throwIfFailed();
    } catch (error) {
      this.stop(error);
      await this.#discard();
      throw this.#failure?.error;
    }
    const { id } = this.#parts;
    return { id, chunks: this.#chunks, bytes: this.#bytes, preview: this.#preview.toText() };
  }

  /** Makes {@link write} reject with this. The first reason counts. */
  stop(reason: unknown): void {
    if (this.#failure) return;
    this.#failure = { error: reason };
    // Whether the source takes notice is its own affair.
    this.#reader?.cancel(reason).catch(() => undefined);
  }

  async #readAll(reader: ReadableStreamDefaultReader<unknown>): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      this.#throwIfFailed();
      if (done) break;
      await this.#take(toBytes(value));
    }
    if (this.#filled > 0) await this.#send(this.#buffer.subarray(0, this.#filled));
  }

  /** Copied into pieces of one size, so that the source may do with its chunks what it likes. */
  async #take(bytes: Uint8Array): Promise<void> {
    this.#preview.add(bytes);
    for (let taken = 0; taken < bytes.length;) {
      if (this.#filled === 0) this.#buffer = new Uint8Array(STREAM_CHUNK_SIZE);
      const part = bytes.subarray(taken, taken + STREAM_CHUNK_SIZE - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      if (this.#filled === STREAM_CHUNK_SIZE) await this.#send(this.#buffer);
    }
  }

  /** Resolves when there is room for another one. */
  async #send(bytes: Uint8Array): Promise<void> {
    this.#filled = 0;
    const index = this.#chunks++;
    this.#bytes += bytes.length;
    const sent: Promise<void> = this.#sendOne(bytes, index)
      .catch((error: unknown) => this.stop(error))
      .finally(() => this.#inFlight.delete(sent));
    this.#inFlight.add(sent);
    if (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.#inFlight);
    this.#throwIfFailed();
  }

  async #sendOne(bytes: Uint8Array, index: number): Promise<void> {
    const { store, clock, instanceId, fence, id, limitBytes } = this.#parts;
    const place = { instanceId, fence, stream: id, index, limitBytes };
    const send = async (): Promise<ChunkOutcome> =>
      await store.streams.writeChunk({ ...place, bytes, confirmed: this.#confirmedBefore });
    const mayRetry = (): boolean => !this.#failure && !this.#parts.isOver();
    const outcome = await insist(send, { clock, mayRetry });
    if (outcome.type === "full") throw new StreamOutputStorageLimitError(limitBytes);
    if (outcome.type === "stale") {
      this.#parts.onStale();
      throw new Error("The claim under which the stream was written is gone");
    }
    this.#confirm(index);
  }

  #confirm(index: number): void {
    this.#confirmed.add(index);
    while (this.#confirmed.delete(this.#confirmedBefore)) this.#confirmedBefore++;
  }

  /** What cannot be removed now is swept when the claim is over. */
  async #discard(): Promise<void> {
    await Promise.all(this.#inFlight);
    if (this.#chunks === 0) return;
    const { store, clock, instanceId, id, isOver } = this.#parts;
    const discard = async (): Promise<void> =>
      await store.streams.discardStream({ instanceId, stream: id });
    await insist(discard, { clock, mayRetry: () => !isOver() }).catch(() => undefined);
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

/** Whether somebody has read from it. Web streams have no word for it; Node knows. */
function isDisturbed(source: ReadableStream): boolean {
  return Readable.isDisturbed(source as unknown as NodeJS.ReadableStream);
}

function toBytes(chunk: unknown): Uint8Array {
  const bytes = viewOf(chunk);
  if (!bytes) throw new UnsupportedStreamChunkError();
  if (bytes.length > STREAM_INPUT_CHUNK_LIMIT) throw new OversizedStreamChunkError();
  return bytes;
}

function viewOf(chunk: unknown): Uint8Array | undefined {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (!ArrayBuffer.isView(chunk) || chunk instanceof DataView) return undefined;
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

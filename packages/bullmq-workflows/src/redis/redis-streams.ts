/** Streams that steps return, piece by piece: the part of the store that is about bytes. */
import type {
  ChunkOutcome,
  ChunkWrite,
  StoredChunk,
  StoredStream,
  StreamStore,
  StreamSweep,
} from "../engine/ports/streams.ts";
import type { StreamReference } from "../model/history.ts";
import { encodeStreams } from "./encode.ts";
import type { ScriptRunner } from "./script-runner.ts";
import * as scripts from "./scripts.generated.ts";

export class RedisStreams implements StreamStore {
  readonly #scripts: ScriptRunner;

  constructor(runner: ScriptRunner) {
    this.#scripts = runner;
  }

  async writeChunk({ instanceId, ...write }: ChunkWrite): Promise<ChunkOutcome> {
    const [type] = await this.#scripts.runBytes(scripts.writeChunk, { id: instanceId, ...write });
    return { type: type as ChunkOutcome["type"] };
  }

  async readChunk({ instanceId, stream, index }: StoredChunk): Promise<Uint8Array | undefined> {
    const args = { id: instanceId, stream, index };
    const [type, bytes] = await this.#scripts.runBytes(scripts.readChunk, args);
    return type === "chunk" ? (bytes as Uint8Array) : undefined;
  }

  async checkStreams(
    instanceId: string,
    streams: readonly StreamReference[],
  ): Promise<readonly boolean[]> {
    const args = { id: instanceId, ...encodeStreams(streams) };
    const [, ...areThere] = await this.#scripts.run(scripts.checkStreams, args);
    return areThere.map((isThere) => isThere === 1);
  }

  async discardStream({ instanceId, stream }: StoredStream): Promise<void> {
    // Some pieces at a time, so that Redis is never held up for long.
    for (let isDone = false; !isDone;) {
      const args = { id: instanceId, stream };
      isDone = (await this.#scripts.run(scripts.discardStream, args))[1] === 1;
    }
  }

  async sweepStreams(request: StreamSweep): Promise<boolean> {
    return (await this.#scripts.run(scripts.sweepStreams, request))[1] === 1;
  }
}

/**
 * An answer that is made piece by piece, for as long as there is something to tell and somebody who reads.
 *
 * The next piece is asked for only when the one before was taken, so a slow reader keeps no more than one
 * here. One who stops reading is cut off after a while; one who is gone frees everything at once.
 */
import { ApiError } from "../api-error.ts";

/** Why an answer ends. `finished`: there is nothing more to tell. */
export type EndReason = "finished" | "closing" | "unauthorized" | "lost" | "failed";

/** Where the pieces come from. */
export interface PieceSource {
  /** The next piece as soon as there is one; `undefined` after the last one, and once it was closed. */
  next(): Promise<Uint8Array | undefined>;
  /** Nobody asks any more. */
  close(): void;
}

/** What is told beside the pieces. What has none of it is cut off instead of being ended early. */
export interface Framing {
  readonly first?: Uint8Array;
  /** So that nobody on the way takes the connection for a dead one. */
  readonly heartbeat?: Uint8Array;
  readonly end?: (reason: EndReason) => Uint8Array;
}

/** In ms. */
export interface LiveTimes {
  readonly heartbeatMs: number;
  /** How long a reader may take nothing. */
  readonly stallMs: number;
  /** How often it is asked whether the reader still may. */
  readonly recheckMs: number;
}

export interface LiveAnswerParts {
  readonly source: PieceSource;
  readonly framing: Framing;
  readonly times: LiveTimes;
  /** Rejects with an {@link ApiError} when the reader may not any more. */
  readonly recheck: () => Promise<unknown>;
  /** Breaks the reader's connection, where the host lets us. */
  readonly cutOff: (() => void) | undefined;
  readonly onClosed: () => void;
  readonly onError: (error: unknown) => void;
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

export class LiveAnswer {
  readonly body: ReadableStream<Uint8Array>;
  readonly #parts: LiveAnswerParts;
  /** What is to go out before anything is asked for. */
  readonly #ready: Uint8Array[] = [];
  #controller: Controller | undefined;
  /** Somebody waits for the next piece. */
  #take: ((piece: Uint8Array | undefined) => void) | undefined;
  #isAsking = false;
  #isEnded = false;
  #isClosed = false;
  #takenAt = Date.now();
  #checkedAt = Date.now();

  constructor(parts: LiveAnswerParts) {
    this.#parts = parts;
    if (parts.framing.first) this.#ready.push(parts.framing.first);
    this.body = new ReadableStream(
      {
        start: (controller) => void (this.#controller = controller),
        pull: async (controller) => await this.#pull(controller),
        cancel: () => this.close(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Tells the reader why, if there is a way to, and ends. */
  end(reason: EndReason): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const { source, framing } = this.#parts;
    source.close();
    if (framing.end) this.#ready.push(framing.end(reason));
    else if (reason !== "finished") return this.#abort(`The answer was not complete: ${reason}`);
    this.#handOn();
  }

  /** Asked now and then. */
  tick(now: number): void {
    const { times, framing } = this.#parts;
    const sinceTaken = now - this.#takenAt;
    if (!this.#take && sinceTaken >= times.stallMs) {
      this.#isEnded = true;
      return this.#abort("The reader has taken nothing for too long");
    }
    if (this.#take && framing.heartbeat && sinceTaken >= times.heartbeatMs) {
      this.#ready.push(framing.heartbeat);
      this.#handOn();
    }
    if (now - this.#checkedAt < times.recheckMs) return;
    this.#checkedAt = now;
    this.#parts.recheck().catch((error: unknown) => {
      // A Redis that is away says nothing of what somebody may.
      const isRefused = error instanceof ApiError && (error.status === 401 || error.status === 403);
      if (isRefused) this.end("unauthorized");
    });
  }

  /** Frees everything. Harmless to repeat. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isEnded = true;
    this.#take = undefined;
    this.#ready.length = 0;
    this.#parts.source.close();
    this.#parts.onClosed();
  }

  async #pull(controller: Controller): Promise<void> {
    const piece = await new Promise<Uint8Array | undefined>((resolve) => {
      this.#take = resolve;
      this.#handOn();
    });
    if (piece) return controller.enqueue(piece);
    controller.close();
    this.close();
  }

  #handOn(): void {
    const take = this.#take;
    if (!take) return;
    const piece = this.#ready.shift();
    if (piece === undefined && !this.#isEnded) return void this.#ask();
    this.#take = undefined;
    this.#takenAt = Date.now();
    take(piece);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const piece = await this.#parts.source.next();
      if (this.#isEnded) return;
      if (piece) this.#ready.push(piece);
      else this.end("finished");
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isAsking = false;
    }
    this.#handOn();
  }

  #fail(error: unknown): void {
    if (this.#isEnded) return;
    const code = (error as { readonly code?: unknown }).code;
    if (code === "engine.closed") return this.end("closing");
    if (code === "instance.lost") return this.end("lost");
    this.#parts.onError(error);
    this.end("failed");
  }

  /** What a reader got so far must not pass for all there is. */
  #abort(reason: string): void {
    const { cutOff } = this.#parts;
    if (cutOff) cutOff();
    else this.#controller?.error(new Error(reason));
    this.close();
  }
}

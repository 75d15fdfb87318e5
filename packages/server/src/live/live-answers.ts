/** The live answers of a server: how many there may be, and all that happens to each of them in time. */
import { ApiError, tooMany } from "../api-error.ts";
import { LiveAnswer } from "./live-answer.ts";
import type { Framing, LiveTimes, PieceSource } from "./live-answer.ts";

/** What a client that has too many open is told to wait. */
const RETRY_AFTER_SECONDS = 5;

/** How often each answer is looked at, at most. */
const TICK_MS = 1_000;

/** What may be open at the same time: subscriptions, feeds, and outputs of steps that are streams. */
export interface LiveOptions {
  /** In all. @defaultValue 10,000 */
  readonly limit?: number;
  /** For one token, or whoever else is calling. @defaultValue 1,000 */
  readonly limitPerPrincipal?: number;
  /** After how long without anything to tell something is sent, in ms. @defaultValue 15 seconds */
  readonly heartbeat?: number;
  /** After how long a reader who takes nothing is cut off, in ms. @defaultValue 60 seconds */
  readonly stallTimeout?: number;
  /** How long it may take to have something to read from, in ms, before it is refused. @defaultValue 10 seconds */
  readonly startTimeout?: number;
  /** How often it is asked whether the reader still may, in ms. @defaultValue 15 seconds */
  readonly recheckInterval?: number;
}

/** Who reads. */
export interface Reader {
  readonly principal: string;
  /** Whether it wants the head alone. */
  readonly isHead: boolean;
  readonly recheck: () => Promise<unknown>;
  readonly cutOff: (() => void) | undefined;
}

export interface LiveContent {
  readonly source: PieceSource;
  readonly framing: Framing;
  readonly headers: Readonly<Record<string, string>>;
}

export type StartTelling = () => Promise<LiveContent | undefined>;

/** Nobody on the way may keep, change or collect what is told. */
const HEADERS = { "cache-control": "no-store, no-transform", "x-accel-buffering": "no" } as const;

export class LiveAnswers {
  readonly #times: LiveTimes;
  readonly #startMs: number;
  readonly #limit: number;
  readonly #limitPerPrincipal: number;
  readonly #onError: (error: unknown) => void;
  readonly #open = new Set<LiveAnswer>();
  readonly #perPrincipal = new Map<string, number>();
  #total = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: LiveOptions, onError: (error: unknown) => void) {
    const { limit = 10_000, limitPerPrincipal = 1_000, startTimeout = 10_000 } = options;
    const { heartbeat = 15_000, stallTimeout = 60_000, recheckInterval = 15_000 } = options;
    this.#times = {
      heartbeatMs: heartbeat,
      stallMs: stallTimeout,
      recheckMs: recheckInterval,
    };
    this.#startMs = startTimeout;
    this.#limit = limit;
    this.#limitPerPrincipal = limitPerPrincipal;
    this.#onError = onError;
  }

  /** How many are open. */
  get size(): number {
    return this.#total;
  }

  /**
   * @param start begins to tell; `undefined` when there is nothing to tell, and never will be.
   * @throws {@link ApiError} 429 or 503 when too many are open, and what `start` throws.
   */
  async answer(reader: Reader, start: StartTelling): Promise<Response> {
    const release = this.#admit(reader.principal);
    try {
      const content = await this.#startInTime(start);
      if (!content) {
        release();
        return new Response(null, { status: 204 });
      }
      const { source, framing, headers } = content;
      const init = { headers: { ...HEADERS, ...headers } };
      if (reader.isHead || this.#isClosed) {
        source.close();
        release();
        return new Response(null, init);
      }
      return new Response(this.#begin({ source, framing }, reader, release), init);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Ends them all, and takes no more. */
  close(): void {
    this.#isClosed = true;
    for (const answer of this.#open) answer.end("closing");
  }

  /** What it reads from needs a connection to Redis of its own, which may be a long time coming. */
  async #startInTime(start: StartTelling): Promise<LiveContent | undefined> {
    const started = start();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(unavailable(`Redis let nobody listen within ${this.#startMs} ms`));
        // Nobody reads it any more.
        started.then(
          (content) => content?.source.close(),
          () => undefined,
        );
      }, this.#startMs);
    });
    return await Promise.race([started, late]).finally(() => clearTimeout(timer));
  }

  #begin(
    content: Pick<LiveContent, "source" | "framing">,
    { recheck, cutOff }: Reader,
    release: () => void,
  ): ReadableStream<Uint8Array> {
    const answer = new LiveAnswer({
      ...content,
      recheck,
      cutOff,
      times: this.#times,
      onError: this.#onError,
      onClosed: () => {
        this.#open.delete(answer);
        release();
        if (this.#open.size === 0) clearInterval(this.#timer);
      },
    });
    this.#open.add(answer);
    // One timer for all: thousands of them would each want several of their own.
    if (this.#open.size === 1) this.#startTimer();
    return answer.body;
  }

  #startTimer(): void {
    const shortest = Math.min(...Object.values(this.#times));
    this.#timer = setInterval(
      () => {
        const now = Date.now();
        for (const answer of this.#open) answer.tick(now);
      },
      Math.max(10, Math.min(TICK_MS, shortest / 2)),
    );
    this.#timer.unref();
  }

  #admit(principal: string): () => void {
    if (this.#isClosed) throw unavailable("the server closes");
    const own = this.#perPrincipal.get(principal) ?? 0;
    if (own >= this.#limitPerPrincipal) {
      const what = `you have ${own} subscriptions open, which is the limit; close one first`;
      throw tooMany(what, { "retry-after": String(RETRY_AFTER_SECONDS) });
    }
    if (this.#total >= this.#limit) {
      throw unavailable(`${this.#limit} subscriptions are open, which is all this server takes`);
    }
    this.#total += 1;
    this.#perPrincipal.set(principal, own + 1);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#total -= 1;
      const rest = (this.#perPrincipal.get(principal) ?? 1) - 1;
      if (rest > 0) this.#perPrincipal.set(principal, rest);
      else this.#perPrincipal.delete(principal);
    };
  }
}

function unavailable(reason: string): ApiError {
  return new ApiError(503, 10_001, `workflows.api.error.internal_server: ${reason}`);
}

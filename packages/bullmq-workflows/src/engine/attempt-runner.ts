/**
 * Runs one attempt of a step's callback: user code, a time limit, and the means to call it off.
 *
 * The callback is never killed, as JavaScript cannot; an attempt that is over stops listening to it.
 */
import { WorkflowTimeoutError } from "../model/errors.ts";
import type { StreamReference } from "../model/history.ts";
import type { Attempt, Runner } from "./attempt.ts";
import type { CancelTimer, Clock } from "./ports/clock.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** How an attempt ended. */
export type AttemptOutcome =
  | { readonly type: "returned"; readonly value: unknown }
  /** Returned a stream, which the store has now. */
  | { readonly type: "streamed"; readonly stream: StreamReference }
  | { readonly type: "threw"; readonly error: unknown };

export interface AttemptRequest {
  readonly callback: () => unknown;
  readonly attempt: Attempt;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Has what takes a stream to the store, should the callback return one. */
  readonly run: { readonly streams: { createWriter(): StreamWriter } };
  /** Called when the attempt has lasted {@link VISIBLE_AFTER_MS}. */
  readonly onLasting: () => void;
  /** Called once, later than the call that runs it. Of an aborted attempt only if its callback ends. */
  readonly onEnd: (outcome: AttemptOutcome) => void;
}

/** An attempt that takes longer is put on record while it runs, so that it is seen and a crash in it counts. */
const VISIBLE_AFTER_MS = 1_000;

export function runAttempt(request: AttemptRequest): void {
  new RunningAttempt(request).start();
}

class RunningAttempt implements Runner {
  readonly #request: AttemptRequest;
  #cancelTimer: CancelTimer = () => {};
  #isOver = false;
  #writer: StreamWriter | undefined;

  constructor(request: AttemptRequest) {
    this.#request = request;
  }

  start(): void {
    const { attempt, callback, clock, timeoutMs } = this.#request;
    attempt.runner = this;
    const isShort = timeoutMs <= VISIBLE_AFTER_MS;
    this.#cancelTimer = isShort
      ? clock.after(timeoutMs, () => this.#expire())
      : clock.after(VISIBLE_AFTER_MS, () => this.#show());
    call(callback).then(
      (value) => this.#return(value),
      (error: unknown) => this.#end({ type: "threw", error }),
    );
  }

  stop(reason: unknown): void {
    this.#cancelTimer();
    this.#writer?.stop(reason);
  }

  #return(value: unknown): void {
    if (value instanceof ReadableStream) this.#drain(value);
    else this.#end({ type: "returned", value });
  }

  /** Within the attempt's time. A stream that comes when that is over is of no use to anybody. */
  #drain(source: ReadableStream): void {
    if (this.#isOver || !this.#request.attempt.isCurrent) {
      // Whoever has locked it may do with it what he likes.
      source.cancel("The attempt that returned the stream is over").catch(() => undefined);
      return;
    }
    this.#writer = this.#request.run.streams.createWriter();
    this.#writer.write(source).then(
      (stream) => this.#end({ type: "streamed", stream }),
      (error: unknown) => this.#end({ type: "threw", error }),
    );
  }

  #show(): void {
    const { clock, timeoutMs, onLasting } = this.#request;
    this.#cancelTimer = clock.after(timeoutMs - VISIBLE_AFTER_MS, () => this.#expire());
    onLasting();
  }

  #expire(): void {
    const error = new WorkflowTimeoutError("step.timed_out", this.#request.timeoutMs);
    this.#request.attempt.abort(error);
    // A stream that was under way is removed first.
    if (!this.#writer) this.#end({ type: "threw", error });
  }

  #end(outcome: AttemptOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer();
    this.#request.onEnd(outcome);
  }
}

/** What returns or throws at once is taken as a promise that does. */
function call(callback: () => unknown): Promise<unknown> {
  try {
    return Promise.resolve(callback());
  } catch (error) {
    return Promise.reject<unknown>(error);
  }
}

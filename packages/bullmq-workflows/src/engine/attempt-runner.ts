/**
 * Runs one attempt of a step's callback: user code, a time limit, and the means to call it off.
 *
 * The callback is never killed, as JavaScript cannot; an attempt that is over stops listening to it.
 */
import { WorkflowTimeoutError } from "../model/errors.ts";
import type { Attempt } from "./attempt.ts";
import type { CancelTimer, Clock } from "./ports.ts";

/** How an attempt ended. */
export type AttemptOutcome =
  | { readonly type: "returned"; readonly value: unknown }
  | { readonly type: "threw"; readonly error: unknown };

export interface AttemptRequest {
  readonly callback: () => unknown;
  readonly attempt: Attempt;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Called when the attempt has lasted {@link VISIBLE_AFTER_MS}. */
  readonly onLasting: () => void;
  /** Called once, later than the call that runs it. Of an aborted attempt only if its callback ends. */
  readonly onEnd: (outcome: AttemptOutcome) => void;
}

/** An attempt that takes longer is put on record while it runs, so that it is seen and a crash in it counts. */
const VISIBLE_AFTER_MS = 1_000;

export function runAttempt(request: AttemptRequest): void {
  let cancelTimer: CancelTimer = () => {};
  let isOver = false;
  const end = (outcome: AttemptOutcome): void => {
    if (isOver) return;
    isOver = true;
    cancelTimer();
    request.onEnd(outcome);
  };
  const { attempt, clock, timeoutMs } = request;
  const expire = (): void => {
    const error = new WorkflowTimeoutError("step.timed_out", timeoutMs);
    attempt.abort(error);
    end({ type: "threw", error });
  };
  const show = (): void => {
    cancelTimer = clock.after(timeoutMs - VISIBLE_AFTER_MS, expire);
    request.onLasting();
  };
  attempt.onAbort = () => cancelTimer();
  cancelTimer =
    timeoutMs > VISIBLE_AFTER_MS
      ? clock.after(VISIBLE_AFTER_MS, show)
      : clock.after(timeoutMs, expire);
  settle(request.callback, end);
}

/** What is returned at once ends the attempt later too, as if it had been awaited. */
function settle(callback: () => unknown, end: (outcome: AttemptOutcome) => void): void {
  promiseOf(callback).then(
    (value) => end({ type: "returned", value }),
    (error: unknown) => end({ type: "threw", error }),
  );
}

function promiseOf(callback: () => unknown): Promise<unknown> {
  try {
    return Promise.resolve(callback());
  } catch (error) {
    return Promise.reject<unknown>(error);
  }
}

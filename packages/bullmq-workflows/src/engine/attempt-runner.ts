/**
 * Runs one attempt of a step's callback: user code, a time limit, and the means to call it off.
 *
 * The callback is never killed, as JavaScript cannot; an attempt that is over stops listening to it.
 */
import { WorkflowTimeoutError } from "../model/errors.ts";
import type { CancelTimer, Clock } from "./ports.ts";

/** How an attempt ended. */
export type AttemptOutcome =
  | { readonly type: "returned"; readonly value: unknown }
  | { readonly type: "threw"; readonly error: unknown };

export interface AttemptRequest {
  readonly callback: () => unknown;
  readonly controller: AbortController;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Called when the attempt has lasted {@link VISIBLE_AFTER_MS}. */
  readonly onLasting: () => void;
}

/** An attempt that takes longer is put on record while it runs, so that it is seen and a crash in it counts. */
const VISIBLE_AFTER_MS = 1_000;

/** Resolves with how the attempt ended; never rejects. An aborted attempt resolves only if its callback does. */
export async function runAttempt(request: AttemptRequest): Promise<AttemptOutcome> {
  const { clock, controller, timeoutMs } = request;
  const timers: CancelTimer[] = [];
  const expiry = new Promise<AttemptOutcome>((resolve) => {
    timers.push(clock.after(timeoutMs, () => resolve(expire())));
    if (timeoutMs > VISIBLE_AFTER_MS) timers.push(clock.after(VISIBLE_AFTER_MS, request.onLasting));
  });
  const expire = (): AttemptOutcome => {
    const error = new WorkflowTimeoutError("step.timed_out", timeoutMs);
    controller.abort(error);
    return { type: "threw", error };
  };
  controller.signal.addEventListener("abort", () => cancelAll(timers), { once: true });
  const outcome = await Promise.race([settle(request.callback), expiry]);
  cancelAll(timers);
  return outcome;
}

async function settle(callback: () => unknown): Promise<AttemptOutcome> {
  try {
    return { type: "returned", value: await callback() };
  } catch (error) {
    return { type: "threw", error };
  }
}

function cancelAll(timers: readonly CancelTimer[]): void {
  for (const cancel of timers) cancel();
}

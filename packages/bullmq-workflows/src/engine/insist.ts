/** Repeats calls to a store that cannot be reached, more and more slowly. Other errors are thrown at once. */
import { WorkflowEngineError } from "../model/errors.ts";
import type { Clock } from "./ports/clock.ts";

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

export interface Insistence {
  readonly clock: Clock;
  /** Asked after each failure; when it says no, the failure is thrown. */
  readonly mayRetry: () => boolean;
  readonly onFailure?: (error: unknown) => void;
}

/** Only for calls that are harmless to repeat: the answer to one that was carried out may have got lost. */
export function insist<T>(call: () => Promise<T>, insistence: Insistence): Promise<T> {
  return call().catch((error: unknown) => insistAfter(error, call, insistence));
}

/** The same for a call that has failed once already. */
export async function insistAfter<T>(
  failure: unknown,
  call: () => Promise<T>,
  insistence: Insistence,
): Promise<T> {
  let lastFailure = failure;
  for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
    if (!isUnavailable(lastFailure) || !insistence.mayRetry()) throw lastFailure;
    insistence.onFailure?.(lastFailure);
    await new Promise<void>((resolve) => void insistence.clock.after(delayMs, resolve));
    try {
      return await call();
    } catch (error) {
      lastFailure = error;
    }
  }
}

function isUnavailable(error: unknown): boolean {
  return WorkflowEngineError.is(error) && error.code === "store.unavailable";
}

/** Whether and when a call is sent again. */

const FIRST_DELAY_MS = 250;

const LAST_DELAY_MS = 8_000;

/** Who is told to wait for longer is told so, rather than made to. */
const PATIENCE_MS = 60_000;

export interface Failure {
  /** Absent when there was no answer. */
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
  /** Whether doing it twice is the same as doing it once. */
  readonly isRepeatable: boolean;
  /** How often it was sent so far. */
  readonly attempts: number;
}

/** How long to wait, in ms; `undefined` when it is not worth repeating. */
export function delayBeforeRetry(
  { status, retryAfterMs, isRepeatable, attempts }: Failure,
  random: () => number = Math.random,
): number | undefined {
  // Who was limited was not heard. Of anything else it is not known whether it was done.
  const isWorthIt = status === 429 || (isRepeatable && (status === undefined || status >= 500));
  if (!isWorthIt || (retryAfterMs ?? 0) > PATIENCE_MS) return undefined;
  if (retryAfterMs !== undefined) return retryAfterMs;
  const longest = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempts - 1));
  // Some of it by chance, so that those who failed together do not come back together.
  return longest * (0.5 + random() / 2);
}

/** `Retry-After`: seconds, or a date. */
export function readRetryAfter(headers: Headers, now: number = Date.now()): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** @throws the signal's reason as soon as it is aborted. */
export async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** When a delivery that failed is tried again: soon at first, then ever later, for about a day in all. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After the first attempt, the second, and so on. */
const DELAYS_MS: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  1 * HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  8 * HOUR,
];

/** So much shorter or longer, so that what failed together does not come back together. */
const JITTER = 0.2;

/** How often a delivery is tried in all. */
export const ATTEMPTS: number = DELAYS_MS.length + 1;

/** @param random from 0 to 1. */
export function retryDelayMs(attempt: number, random: number = Math.random()): number {
  const delayMs = DELAYS_MS[Math.min(attempt, DELAYS_MS.length) - 1] ?? 0;
  return Math.round(delayMs * (1 - JITTER + 2 * JITTER * random));
}

/** Rules that several options share. A message names the option, its rule and the value. */
import { parseDuration } from "../model/duration.ts";
import { InvalidOptionError } from "../model/errors.ts";

/**
 * A misspelled option must not be taken for the default.
 *
 * @throws {@link InvalidOptionError}
 */
export function checkKeys(option: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== "object" || value === null) {
    throw new InvalidOptionError(option, "an object", value);
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new InvalidOptionError(option, `an object with ${known.join(", ")} only`, unknown);
}

/** @throws {@link InvalidOptionError} */
export function checkCount(option: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new InvalidOptionError(option, `an integer ≥ ${least}`, value);
}

/** In ms. @throws {@link InvalidOptionError} */
export function checkDuration(option: string, value: string | number, leastMs: number): number {
  const ms = parseDuration(value);
  if (Number.isFinite(ms) && ms >= leastMs) return ms;
  throw new InvalidOptionError(option, `a duration of at least ${leastMs} ms`, value);
}

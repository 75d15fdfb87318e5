/**
 * Durations as users write them. The rules, odd corners included, are those of Cloudflare's parser, so
 * that no workflow sleeps longer or shorter here than there.
 */

/** A unit of time in a duration such as `"5 minutes"`. */
export type WorkflowDurationLabel =
  | "second"
  | "minute"
  | "hour"
  | "day"
  | "week"
  | "month"
  | "year";

/** How long to sleep: `"5 minutes"`, or a number of milliseconds. */
export type WorkflowSleepDuration = `${number} ${WorkflowDurationLabel}${"s" | ""}` | number;

/** How long to wait before a retry: `"10 seconds"`, or a number of milliseconds. */
export type WorkflowDelayDuration = WorkflowSleepDuration;

/** How long something may take: `"30 minutes"`, or a number of milliseconds. */
export type WorkflowTimeoutDuration = WorkflowSleepDuration;

/** How long a finished instance is kept: `"7 days"`, or a number of milliseconds. */
export type WorkflowRetentionDuration = WorkflowSleepDuration;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNIT_MS: ReadonlyMap<string, number> = new Map<WorkflowDurationLabel, number>([
  ["second", SECOND_MS],
  ["minute", MINUTE_MS],
  ["hour", HOUR_MS],
  ["day", DAY_MS],
  ["week", 7 * DAY_MS],
  ["month", 30 * DAY_MS],
  ["year", 365.25 * DAY_MS],
]);

const AMOUNT_AND_UNIT = /^([^ ]+) +(\w+?)s?$/;

/**
 * Milliseconds in a duration, or `NaN` when it is not one.
 *
 * A number, and a text that is nothing but a number, are milliseconds; the empty text is 0. An unknown
 * unit counts as milliseconds: `"500 ms"` is 500, but so is `"500 Minutes"`, as units are lower case.
 * Without a space between amount and unit it is not a duration.
 */
export function parseDuration(value: number | string): number {
  const milliseconds = Number(value);
  if (!Number.isNaN(milliseconds)) return milliseconds;
  const [, amount, unit = ""] = AMOUNT_AND_UNIT.exec(String(value)) ?? [];
  return Number(amount) * (UNIT_MS.get(unit) ?? 1);
}

const DISPLAY_UNITS: readonly (readonly [suffix: string, ms: number])[] = [
  ["d", DAY_MS],
  ["h", HOUR_MS],
  ["m", MINUTE_MS],
  ["s", SECOND_MS],
  ["ms", 1],
];

/** A duration for people, in its two largest units: `850ms`, `2s 30ms`, `3m 4s`, `1h 5m`, `2d`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return String(ms);
  const rounded = Math.round(ms);
  if (rounded < 0) return `-${formatDuration(-rounded)}`;
  const largest = DISPLAY_UNITS.findIndex(([, unitMs]) => rounded >= unitMs);
  if (largest === -1) return "0ms";
  const parts: string[] = [];
  let rest = rounded;
  for (const [suffix, unitMs] of DISPLAY_UNITS.slice(largest, largest + 2)) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) parts.push(`${count}${suffix}`);
    rest -= count * unitMs;
  }
  return parts.join(" ");
}

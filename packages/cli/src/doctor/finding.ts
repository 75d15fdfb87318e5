/** What an examination finds. */

/** `fine`; `note`, worth knowing; `warning`, to be looked at; `problem`, not to be deployed on. */
export type Level = "fine" | "note" | "warning" | "problem";

export interface Finding {
  readonly level: Level;
  /** What was looked at, in a word or two. The same in every version, for programs to tell by. */
  readonly check: string;
  /** What there is. */
  readonly message: string;
  /** What to do about it; absent where there is nothing to do. */
  readonly advice?: string;
}

export function finding(level: Level, check: string, message: string, advice?: string): Finding {
  return { level, check, message, ...(advice !== undefined && advice !== "" && { advice }) };
}

/** For people: `90 s`, `12 min`, `3 h`, `5 days`. */
export function ago(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** For people, in binary units. */
export function inBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const count = bytes / 1_024 ** power;
  return `${power === 0 ? count : count.toFixed(1)} ${units[power]}`;
}

/** A few of them, and how many more there are. */
export function someOf(names: readonly string[], limit = 3): string {
  const shown = names.slice(0, limit).join(", ");
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}

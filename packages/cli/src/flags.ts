/** The kinds of flags and arguments that there are. */
import { didYouMean } from "@bullmq-workflows/cloudflare/internal";
import { UsageError } from "./command.ts";
import type { Argument, Flag } from "./command.ts";

interface FlagOptions {
  readonly summary: string;
  /** What stands for the value in help. @defaultValue "<text>" */
  readonly value?: string;
  readonly short?: string;
  readonly section?: string;
}

/** `--name`, or `--no-name`. */
export function toggle(
  options: Omit<FlagOptions, "value"> & { readonly isOnByDefault?: boolean },
): Flag<boolean> {
  const { isOnByDefault = false } = options;
  const read = (given: readonly string[]): boolean =>
    given.length === 0 ? isOnByDefault : given.at(-1) === "true";
  return { type: "flag", ...options, read };
}

export function text(options: FlagOptions): Flag<string | undefined> {
  return valued(options, (word) => word);
}

/** May be given more than once. */
export function texts(options: FlagOptions): Flag<readonly string[]> {
  return { type: "flag", value: "<text>", ...options, read: (given) => given };
}

/** May be given more than once; there are only a few. */
export function choices<const T extends string>(
  options: FlagOptions & { readonly choices: readonly T[] },
): Flag<readonly T[]> {
  const read = (given: readonly string[], name: string): readonly T[] =>
    given.map((word) => oneOf(options.choices, word, name));
  return { type: "flag", value: "<text>", ...options, read };
}

export function integer(
  options: FlagOptions & { readonly min: number; readonly max?: number },
): Flag<number | undefined> {
  const { min, max = Number.MAX_SAFE_INTEGER } = options;
  return valued({ value: "<number>", ...options }, (word, name) => {
    const number = Number(word);
    if (/^-?\d+$/.test(word) && number >= min && number <= max) return number;
    const rule = options.max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new UsageError(`Expected ${name} to be a whole number ${rule}, got "${word}".`);
  });
}

export function choice<const T extends string>(
  options: FlagOptions & { readonly choices: readonly T[] },
): Flag<T | undefined> {
  const { choices } = options;
  return valued({ value: `<${choices[0] ?? ""}|…>`, ...options }, (word, name) => {
    return oneOf(choices, word, name);
  });
}

/** ISO 8601, or any date that says as clearly what it means. Read as UTC where it names no zone. */
export function instant(
  options: FlagOptions & { readonly isEnd?: boolean },
): Flag<string | undefined> {
  return valued({ value: "<date>", ...options }, (word, name) => {
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(word);
    const time = options.isEnd ? "T23:59:59.999Z" : "T00:00:00.000Z";
    const at = Date.parse(isDay ? `${word}${time}` : inUtc(word));
    if (!Number.isNaN(at)) return new Date(at).toISOString();
    throw new UsageError(
      `Expected ${name} to be a date such as 2026-11-25 or 2026-11-25T08:30:00Z, got "${word}".`,
    );
  });
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Such as `500ms`, `30s`, `5m` or `2h`; in milliseconds. */
export function duration(options: FlagOptions): Flag<number | undefined> {
  return valued({ value: "<time>", ...options }, (word, name) => {
    const [, count, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(word) ?? [];
    if (count !== undefined) return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
    throw new UsageError(`Expected ${name} to be a time such as 500ms, 30s or 5m, got "${word}".`);
  });
}

/** How many proxies there are, or the addresses of those. */
export function proxies(options: FlagOptions): Flag<number | readonly string[] | undefined> {
  return valued({ value: "<number|addresses>", ...options }, (word) =>
    /^\d+$/.test(word) ? Number(word) : word.split(",").map((address) => address.trim()),
  );
}

/** A port to listen on; 0 takes a free one. */
export function port(options: FlagOptions): Flag<number | undefined> {
  return integer({ ...options, min: 0, max: 65_535 });
}

export function argument(summary: string): Argument<string> {
  return { ...place(summary), read: ([word], name) => demand(word, name, summary) };
}

/** One of a few words. */
export function selection<const T extends string>(
  summary: string,
  choices: readonly T[],
): Argument<T> {
  const read = ([word]: readonly string[], name: string): T => {
    return oneOf(choices, demand(word, name, summary), name);
  };
  return { ...place(summary), choices, read };
}

export function optional(summary: string): Argument<string | undefined> {
  return { ...place(summary), isOptional: true, read: ([word]) => word };
}

/** All the words that are left, of which there may be none. */
export function rest(summary: string): Argument<readonly string[]> {
  return { ...place(summary), isOptional: true, isRest: true, read: (given) => given };
}

function place(summary: string): Omit<Argument<never>, "read"> {
  return { type: "argument", summary, isOptional: false, isRest: false };
}

function demand(word: string | undefined, name: string, summary: string): string {
  if (word !== undefined && word !== "") return word;
  throw new UsageError(`Expected ${name}: ${summary}.`);
}

/** When it is given twice, the last one counts. */
function valued<T>(
  options: FlagOptions,
  read: (word: string, name: string) => T,
): Flag<T | undefined> {
  return {
    type: "flag",
    value: "<text>",
    ...options,
    read: (given, name) => {
      const word = given.at(-1);
      return word === undefined ? undefined : read(word, name);
    },
  };
}

function oneOf<T extends string>(choices: readonly T[], word: string, name: string): T {
  const found = choices.find((each) => each === word);
  if (found !== undefined) return found;
  throw new UsageError(
    `Expected ${name} to be one of ${choices.join(", ")}, got "${word}".${didYouMean(word, choices)}`,
  );
}

/** A time without a zone, which JavaScript would take for one of this machine. */
function inUtc(word: string): string {
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(word) ? `${word}Z` : word;
}

/** A flag that has to be given. */
export function required<T>(flag: Flag<T | undefined>): Flag<T> {
  const read = (given: readonly string[], name: string): T => {
    const value = flag.read(given, name);
    if (value !== undefined) return value;
    throw new UsageError(`${name} is missing: ${flag.summary}.`);
  };
  return { ...flag, summary: `${flag.summary} (required)`, read };
}

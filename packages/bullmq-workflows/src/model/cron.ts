/**
 * When a cron expression is due. The dialect is that of Cloudflare's Cron Triggers: five fields, weekdays
 * from 1 (Sunday) to 7 (Saturday), `L`, `W` and `#`; a day is due when either its date or its weekday is,
 * if both are restricted.
 *
 * Around a change of the clocks: an expression with one minute and one hour that names an instant which
 * the change skips is due right after it, and one that names an instant which comes twice is due the first
 * time. All other expressions are due at every instant they name that exists.
 */
import { Cron } from "croner";
import { CRON_LENGTH_LIMIT } from "./limits.ts";

export interface CronTimes {
  /** The first instant after this one. */
  after(at: number): number | undefined;
  /** The last instants up to this one, newest first, at most `count`. */
  upTo(at: number, count: number): readonly number[];
}

interface Field {
  readonly name: string;
  readonly rule: string;
}

const FIELDS: readonly Field[] = [
  { name: "minute", rule: "0 to 59" },
  { name: "hour", rule: "0 to 23" },
  { name: "day of the month", rule: "1 to 31, L, LW, or a day and W" },
  { name: "month", rule: "1 to 12 or JAN to DEC" },
  {
    name: "day of the week",
    rule: "1 (Sunday) to 7 (Saturday) or SUN to SAT, also with L or #1 to #5",
  },
];

/** What an id may be made of, as an expression is part of the ids of its instances. */
const CHARACTERS = /^[a-zA-Z0-9 ,*/#-]+$/;

/** Expressions are few and looked at often. */
const KNOWN_LIMIT = 1_000;
const known = new Map<string, CronTimes>();

/** The times of an expression that {@link whyInvalidCron} has nothing to say about. */
export function cronTimes(cron: string, timezone: string): CronTimes {
  const name = `${cron} ${timezone}`;
  const found = known.get(name);
  if (found) return found;
  if (known.size >= KNOWN_LIMIT) known.clear();
  const times = new CronerTimes(parse(cron, timezone));
  known.set(name, times);
  return times;
}

/** The same expression with one space between its fields. */
export function normalizeCron(cron: string): string {
  return cron.trim().split(/\s+/).join(" ");
}

/** What an expression ought to be and is not; `undefined` when nothing is wrong with it. */
export function whyInvalidCron(cron: string): string | undefined {
  const fields = cron.split(" ");
  if (cron.length > CRON_LENGTH_LIMIT) return `at most ${CRON_LENGTH_LIMIT} characters long`;
  if (fields.length !== FIELDS.length) {
    return "five fields with spaces between: minute, hour, day of the month, month, day of the week";
  }
  if (!CHARACTERS.test(cron)) return "made of letters, digits, and the characters * , - / and #";
  const wrong = FIELDS.findIndex((_, index) => !isValidField(fields[index] ?? "", index));
  const field = FIELDS[wrong];
  if (field) {
    const given = `its ${field.name} is \`${fields[wrong]}\``;
    return `a cron expression whose ${field.name} is ${field.rule}, with * , - / (${given})`;
  }
  if (parse(cron, "UTC").nextRun() === null) return "due at some time, which its dates never are";
  return undefined;
}

/** Whether this is a zone of the time zone database. */
export function isTimezone(timezone: unknown): timezone is string {
  if (typeof timezone !== "string" || !/^[A-Za-z]/.test(timezone)) return false;
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: timezone }));
  } catch {
    // That is how it says no.
    return false;
  }
}

function isValidField(text: string, index: number): boolean {
  // Zero is Sunday elsewhere, and here would be the day before it. As at Cloudflare there is no such day.
  if (index === 4 && /(^|[,-])(0|8)/.test(text)) return false;
  // `5/15` begins at 5; croner, told to take that, takes `/15` too.
  if (/(^|,)\//.test(text)) return false;
  const fields = FIELDS.map((_, at) => (at === index ? text : "*"));
  try {
    return Boolean(parse(fields.join(" "), "UTC"));
  } catch {
    // What it complains of, our own rules say in Cloudflare's numbers.
    return false;
  }
}

function parse(cron: string, timezone: string): Cron {
  return new Cron(cron, {
    mode: "5-part",
    alternativeWeekdays: true,
    domAndDow: false,
    sloppyRanges: true,
    paused: true,
    timezone,
  });
}

class CronerTimes implements CronTimes {
  readonly #cron: Cron;

  constructor(cron: Cron) {
    this.#cron = cron;
  }

  after(at: number): number | undefined {
    return this.#cron.nextRun(new Date(at))?.getTime();
  }

  upTo(at: number, count: number): readonly number[] {
    // It answers what is before.
    const runs = this.#cron.previousRuns(count, new Date(at + 1));
    return runs.map((run) => run.getTime());
  }
}

/** What a program that runs unattended writes: one line per event, for people or for machines. */
import { inspect } from "node:util";
import type { Logger } from "bullmq-workflows";
import type { Terminal } from "../terminal.ts";
import { oneLine } from "../text.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMS = ["text", "json"] as const;

export type LogForm = (typeof LOG_FORMS)[number];

export interface LogOptions {
  readonly form: LogForm;
  /** What is below it is left out. */
  readonly level: LogLevel;
}

/** Writes everything to standard output, as whoever collects logs expects it. */
export function createLog(terminal: Terminal, { form, level }: LogOptions): Logger {
  const least = LOG_LEVELS.indexOf(level);
  return (entryLevel, message, facts = {}) => {
    if (LOG_LEVELS.indexOf(entryLevel) < least) return;
    const time = new Date().toISOString();
    if (form === "json") {
      // What an entry itself says is not to be replaced by what it is about.
      return terminal.say(toJsonLine({ ...facts, time, level: entryLevel, message }));
    }
    terminal.say(`${time} ${entryLevel.padEnd(5)} ${oneLine(message)}${toText(facts)}`);
  };
}

function toText(facts: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(facts).map(([name, value]) => ` ${name}=${valueOf(value)}`);
  return pairs.join("");
}

function valueOf(value: unknown): string {
  if (value instanceof Error) return errorText(value);
  if (typeof value === "string" && /^[\w.:/@%+-]+$/.test(value)) return value;
  return inspect(value, { breakLength: Infinity, depth: 3 });
}

/** What is known to happen is told by its message: where in the code it was noticed helps nobody. */
function errorText(error: Error): string {
  const { code, syscall } = error as { readonly code?: unknown; readonly syscall?: unknown };
  const isKnown = syscall !== undefined || code === "store.unavailable";
  return isKnown ? valueOf(error.message) : inspect(error, { compact: false });
}

function toJsonLine(entry: Readonly<Record<string, unknown>>): string {
  const { time, level, message, ...facts } = entry;
  const head = { time, level, message };
  try {
    return JSON.stringify({ ...head, ...facts }, toPlain);
  } catch {
    // What goes in circles is written as people read it, rather than not at all.
    return JSON.stringify({ ...head, facts: inspect(facts) });
  }
}

function toPlain(_: string, value: unknown): unknown {
  if (value instanceof Error) return toPlainError(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Map || value instanceof Set) return [...value] as unknown[];
  return value;
}

function toPlainError(error: Error): Readonly<Record<string, unknown>> {
  const { name, message, stack, cause } = error;
  const { code } = error as { readonly code?: unknown };
  return {
    name,
    message,
    ...(code !== undefined && { code }),
    stack,
    ...(cause !== undefined && { cause }),
  };
}

/** Reads what follows the name of a command. */
import { didYouMean } from "@bullmq-workflows/cloudflare/internal";
import { parseArgs } from "node:util";
import { UsageError } from "./command.ts";
import type { Argument, Command, Flag } from "./command.ts";

export interface Parsed {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly args: Readonly<Record<string, unknown>>;
}

/** @throws {@link UsageError} */
export function parse(command: Command, words: readonly string[]): Parsed | "help" {
  const given = sort(command, words);
  if (given.isHelp) return "help";
  const flags = Object.entries(command.flags).map(([key, flag]) => {
    return [key, flag.read(given.flags.get(key) ?? [], `--${toFlagName(key)}`)] as const;
  });
  return { flags: Object.fromEntries(flags), args: readArguments(command, given) };
}

/** `perPage` is `--per-page`. */
export function toFlagName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What was given to which flag, and the words that belong to none. */
interface Given {
  readonly flags: Map<string, string[]>;
  /** Arguments that were given by their names, which wrangler's command line takes too. */
  readonly named: Map<string, string>;
  readonly words: string[];
  isHelp: boolean;
}

function sort(command: Command, words: readonly string[]): Given {
  const given: Given = { flags: new Map(), named: new Map(), words: [], isHelp: false };
  const { tokens } = parseArgs({
    args: [...words],
    options: optionsOf(command),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") given.words.push(token.value);
    if (token.kind === "option") take(token, command, given);
  }
  return given;
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function take(token: OptionToken, command: Command, given: Given): void {
  const { name, rawName, value } = token;
  if (name === "help") {
    given.isHelp = true;
    return;
  }
  const flags = Object.entries(command.flags);
  const isFor =
    (name: string) =>
    ([key]: readonly [string, unknown]) =>
      toFlagName(key) === name;
  const [key, flag] = flags.find(isFor(name)) ?? [];
  if (key !== undefined && flag) {
    const word = flag.value === undefined ? readSwitch(token) : readValue(token);
    given.flags.set(key, [...(given.flags.get(key) ?? []), word]);
    return;
  }
  const [turnedOff, switchOff] = flags.find(isFor(name.replace(/^no-/, ""))) ?? [];
  if (turnedOff !== undefined && switchOff?.value === undefined && value === undefined) {
    given.flags.set(turnedOff, ["false"]);
    return;
  }
  if (name in command.args) {
    given.named.set(name, readValue(token));
    return;
  }
  const known = [...flags.map(([key]) => `--${toFlagName(key)}`), "--help"];
  throw new UsageError(`There is no option ${rawName}.${didYouMean(rawName, known)}`);
}

function readSwitch({ rawName, value }: OptionToken): string {
  if (value === undefined) return "true";
  if (value === "true" || value === "false") return value;
  throw new UsageError(`${rawName} takes no value, got "${value}".`);
}

function readValue({ rawName, value, inlineValue }: OptionToken): string {
  if (value === undefined) throw new UsageError(`${rawName} needs a value.`);
  if (inlineValue === true || !/^-./.test(value)) return value;
  throw new UsageError(
    `${rawName} needs a value. For one that begins with a dash, write ${rawName}=${value}`,
  );
}

function readArguments(command: Command, { words, named }: Given): Parsed["args"] {
  const left = [...words];
  const read: Record<string, unknown> = {};
  for (const [key, argument] of Object.entries(command.args)) {
    read[key] = argument.read(wordsFor(key, argument, { named, left }), nameOf(key, argument));
  }
  if (left.length === 0) return read;
  const taken = Object.entries(command.args).map(([key, argument]) => nameOf(key, argument));
  const takes = taken.length === 0 ? "no words" : `only ${taken.join(" ")}`;
  throw new UsageError(`It takes ${takes}, and got "${left.join(" ")}" beside.`);
}

function wordsFor(
  key: string,
  { isRest }: Argument<unknown>,
  { named, left }: { readonly named: Map<string, string>; readonly left: string[] },
): readonly string[] {
  const byName = named.get(key);
  if (byName !== undefined) return [byName];
  return left.splice(0, isRest ? left.length : 1);
}

/** As help has it. */
export function nameOf(key: string, { isOptional, isRest }: Argument<unknown>): string {
  const name = isRest ? `${toFlagName(key)}…` : toFlagName(key);
  return isOptional ? `[${name}]` : `<${name}>`;
}

type Option = { readonly type: "string" | "boolean"; readonly short?: string };

function optionsOf(command: Command): Record<string, Option> {
  const options: Record<string, Option> = { help: { type: "boolean", short: "h" } };
  for (const [key, flag] of Object.entries(command.flags))
    options[toFlagName(key)] = optionOf(flag);
  for (const key of Object.keys(command.args)) options[key] ??= { type: "string" };
  return options;
}

function optionOf({ value, short }: Flag<unknown>): Option {
  const type = value === undefined ? "boolean" : "string";
  return short === undefined ? { type } : { type, short };
}

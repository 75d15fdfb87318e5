/**
 * What a command is: its name, what it takes, and what it does. Groups of them make a tree.
 *
 * Help, completion and the reading of arguments are made of these records; nothing is said twice. Each command
 * has a file of its own in `commands/`, at the path that its name has. What takes long to load, the library
 * for one, a command imports when it is carried out, so that help and completion are there at once.
 */
import { EXIT } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** What a command takes: a value of some kind, or many. */
interface Taken<T> {
  /** One line, for help. */
  readonly summary: string;
  /** The only values that there are, for help and completion. */
  readonly choices?: readonly string[];
  /** @throws {@link UsageError} when what was given breaks the rule. `name` is as people write it. */
  readonly read: (given: readonly string[], name: string) => T;
}

/** `--name value`, or `--name` alone. */
export interface Flag<T> extends Taken<T> {
  readonly type: "flag";
  /** What stands for the value in help, such as `<url>`. A switch has none. */
  readonly value?: string;
  readonly short?: string;
  /** A switch that is on unless it is turned off by `--no-name`. */
  readonly isOnByDefault?: boolean;
  /** The heading under which help lists it. @defaultValue "Options" */
  readonly section?: string;
}

/** A word in its place. */
export interface Argument<T> extends Taken<T> {
  readonly type: "argument";
  readonly isOptional: boolean;
  /** Takes all the words that are left. */
  readonly isRest: boolean;
}

/** By the names that code has for them: `perPage` is `--per-page`. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** In the order in which they are given. */
export type Arguments = Readonly<Record<string, Argument<unknown>>>;

export type ValuesOf<Takens extends Readonly<Record<string, Taken<unknown>>>> = {
  readonly [Name in keyof Takens]: Takens[Name] extends Taken<infer T> ? T : never;
};

export interface CommandCall<F, A> {
  readonly flags: F;
  readonly args: A;
  readonly terminal: Terminal;
}

export interface Example {
  /** What follows the name of the program. */
  readonly line: string;
  readonly summary: string;
}

export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What else help says, in lines that fit a terminal. */
  readonly details?: string;
  readonly args: Arguments;
  readonly flags: Flags;
  readonly examples: readonly Example[];
  /** Left out of lists; it works all the same. */
  readonly isHidden?: boolean;
  /** Resolves with the exit code. */
  readonly execute: (call: CommandCall<never, never>) => Promise<number>;
}

export interface Group {
  readonly name: string;
  readonly summary: string;
  readonly examples?: readonly Example[];
  /** In the order in which help lists them. */
  readonly commands: readonly (Command | Group)[];
}

/** A command as its file has it. Kinds of commands differ in what `execute` is called with. */
export interface CommandDefinition<F extends Flags, A extends Arguments, Call> extends Omit<
  Command,
  "args" | "flags" | "examples" | "execute"
> {
  readonly args?: A;
  readonly flags?: F;
  readonly examples?: readonly Example[];
  /** Resolves with the exit code, or with nothing when all went well. */
  readonly execute: (call: Call) => Promise<number | void>;
}

/** Gives `execute` the types of what the command takes. */
export function command<
  F extends Flags = Readonly<Record<string, never>>,
  A extends Arguments = Readonly<Record<string, never>>,
>(definition: CommandDefinition<F, A, CommandCall<ValuesOf<F>, ValuesOf<A>>>): Command {
  const { args = {}, flags = {}, examples = [], execute } = definition;
  return {
    ...definition,
    args,
    flags,
    examples,
    execute: async (call) => toExitCode(await execute(call)),
  };
}

/** Nothing means that all went well. */
export function toExitCode(returned: number | void): number {
  return typeof returned === "number" ? returned : EXIT.ok;
}

export function isGroup(node: Command | Group): node is Group {
  return "commands" in node;
}

/** The command was called in a way that it is not meant to be. */
export class UsageError extends Error {}

/** It could not be done. The message is for people, and says all that there is to say. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

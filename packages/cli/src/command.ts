/** What a command is. Each has a file of its own in `commands/`. */
import type { ParseArgsConfig } from "node:util";
import type { Terminal } from "./terminal.ts";

export interface CommandCall {
  /** As `parseArgs` reads them. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
}

export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Everything else that `--help` says. */
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** Resolves with the exit code. @throws {@link UsageError} when the call makes no sense. */
  execute(call: CommandCall): Promise<number>;
}

/** The command was called in a way that it is not meant to be. */
export class UsageError extends Error {}

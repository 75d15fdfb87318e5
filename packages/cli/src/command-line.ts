/** Finds the command, reads its options, and turns what it throws into a message and an exit code. */
import { parseArgs } from "node:util";
import { EmbeddedServerError } from "@bullmq-workflows/embedded";
import { WorkflowEngineError } from "bullmq-workflows";
import { UsageError } from "./command.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import type { Terminal } from "./terminal.ts";

/** Resolves with the exit code. */
export async function runCommandLine(
  [name, ...args]: readonly string[],
  terminal: Terminal,
): Promise<number> {
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    terminal.say(listCommands());
    return name === undefined ? 1 : 0;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) {
    terminal.warn(`There is no command "${name}".\n\n${listCommands()}`);
    return 1;
  }
  try {
    return await call(command, args, terminal);
  } catch (error) {
    terminal.warn(describe(error, command));
    return 1;
  }
}

async function call(
  command: Command,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const options = { ...command.options, help: { type: "boolean", short: "h" } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help) {
    terminal.say(`${command.summary}\n\n${command.help}`);
    return 0;
  }
  return await command.execute({
    values: values,
    positionals,
    terminal,
  });
}

function listCommands(): string {
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`);
  return `Usage: bullmq-workflows <command>\n\n${lines.join("\n")}\n\n<command> --help says more.`;
}

/** What people can act on needs no stack. */
function describe(error: unknown, { name }: Command): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { readonly code?: unknown };
  const isUsage = error instanceof UsageError || String(code).startsWith("ERR_PARSE_ARGS");
  if (isUsage) return `${error.message}\n\nbullmq-workflows ${name} --help says more.`;
  if (!(error instanceof EmbeddedServerError) && !WorkflowEngineError.is(error)) {
    return error.stack ?? error.message;
  }
  // What the project itself threw is for its author to find.
  const isTheirs = error.code === "project.load_failed" && error.cause instanceof Error;
  const stack = isTheirs ? `\n${(error.cause as Error).stack ?? ""}` : "";
  return `${error.message} (${error.code})${stack}`;
}

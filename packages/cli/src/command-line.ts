/** Finds the command, reads what it was given, and turns what it throws into a message and an exit code. */
import { didYouMean } from "@bullmq-workflows/cloudflare/internal";
import { isGroup, UsageError } from "./command.ts";
import type { Command, CommandCall, Group } from "./command.ts";
import { ROOT } from "./commands/index.ts";
import { EXIT } from "./exit-codes.ts";
import { describeFailure } from "./failures.ts";
import { helpOf, PROGRAM } from "./help.ts";
import { parse } from "./parse.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** Resolves with the exit code; never rejects. */
export async function runCommandLine(
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const path: string[] = [];
  try {
    // `help workflows list` is `workflows list --help`.
    const [first, ...others] = words;
    const asked = first === "help" ? [...others, "--help"] : words;
    const { node, left } = find(asked, path);
    if (isGroup(node)) return answerForGroup(node, path, { left, terminal });
    return await carryOut(node, path, { left, terminal });
  } catch (error) {
    const { message, exitCode } = describeFailure(error, path);
    terminal.progress(undefined);
    terminal.warn(message);
    return exitCode;
  }
}

interface Rest {
  /** The words that did not lead to the node. */
  readonly left: readonly string[];
  readonly terminal: Terminal;
}

/** Follows the words to a command, or to a group when they end there; `path` grows on the way. */
function find(
  words: readonly string[],
  path: string[],
): { readonly node: Command | Group; readonly left: readonly string[] } {
  let node: Command | Group = ROOT;
  for (const [at, word] of words.entries()) {
    if (!isGroup(node) || word.startsWith("-")) return { node, left: words.slice(at) };
    const next: Command | Group | undefined = node.commands.find(({ name }) => name === word);
    if (!next) throw unknownCommand(word, node, path);
    path.push(word);
    node = next;
  }
  return { node, left: [] };
}

function unknownCommand(word: string, group: Group, path: readonly string[]): UsageError {
  const names = group.commands.map(({ name }) => name);
  const called = [...path, word].join(" ");
  const hint = didYouMean(word, names) || elsewhere(word);
  return new UsageError(`There is no command "${called}".${hint}`);
}

/** The groups that do have a command of this name: whoever leaves one out is told which. */
function elsewhere(word: string): string {
  const found = pathsTo(word, ROOT).map((path) => `"${path.join(" ")}"`);
  return found.length === 0 ? "" : ` There is ${found.join(", ")}.`;
}

function pathsTo(word: string, group: Group): readonly (readonly string[])[] {
  return group.commands.flatMap((node) => {
    const own = node.name === word ? [[word]] : [];
    const within = isGroup(node) ? pathsTo(word, node) : [];
    return [...own, ...within.map((path) => [node.name, ...path])];
  });
}

function answerForGroup(group: Group, path: readonly string[], { left, terminal }: Rest): number {
  const [option] = left;
  if (option === undefined) {
    terminal.warn(helpOf(group, path));
    return EXIT.usage;
  }
  if (option === "--version" || option === "-v") {
    terminal.say(VERSION);
    return EXIT.ok;
  }
  if (left.includes("--help") || left.includes("-h")) {
    terminal.say(helpOf(group, path));
    return EXIT.ok;
  }
  const called = [PROGRAM, ...path, "<command>"].join(" ");
  throw new UsageError(`Options go after the command: ${called} ${option}`);
}

async function carryOut(
  command: Command,
  path: readonly string[],
  { left, terminal }: Rest,
): Promise<number> {
  const parsed = parse(command, left);
  if (parsed === "help") {
    terminal.say(helpOf(command, path));
    return EXIT.ok;
  }
  const call = { ...parsed, terminal };
  return await command.execute(call as CommandCall<never, never>);
}

/** What `--help` says, made of the records of the commands. */
import { isGroup } from "./command.ts";
import type { Command, Example, Flag, Group } from "./command.ts";
import { nameOf, toFlagName } from "./parse.ts";
import { pad } from "./table.ts";
import { bold, dim } from "./text.ts";
import type { Text } from "./text.ts";

export const PROGRAM = "bullmq-workflows";

const INDENT = "  ";

/** @param path the names that lead to the node, without the program's. */
export function helpOf(node: Command | Group, path: readonly string[]): Text {
  const lines = isGroup(node) ? helpOfGroup(node, path) : helpOfCommand(node, path);
  return lines.flatMap((line, at) => (at === 0 ? [line] : ["\n", line]));
}

/** How the command is called, in one line. */
function usageOf(command: Command, path: readonly string[]): string {
  const args = Object.entries(command.args).map(([key, argument]) => nameOf(key, argument));
  const options = Object.keys(command.flags).length === 0 ? [] : ["[options]"];
  return [PROGRAM, ...path, ...args, ...options].join(" ");
}

/** As people write it: `--status <status>`. */
function writtenFlag(key: string, flag: Flag<unknown>): string {
  const name = `--${flag.isOnByDefault ? "no-" : ""}${toFlagName(key)}`;
  return flag.value === undefined ? name : `${name} ${flag.value}`;
}

function helpOfGroup(group: Group, path: readonly string[]): Text[] {
  const shown = group.commands.filter((node) => isGroup(node) || !node.isHidden);
  const rows = shown.map(({ name, summary }): Row => [name, summary]);
  const called = [PROGRAM, ...path].join(" ");
  return [
    group.summary,
    "",
    [bold("Usage:"), ` ${called} <command>`],
    ...section("Commands", rows),
    ...examplesOf(group.examples ?? []),
    "",
    dim(`${called} <command> --help says more.`),
  ];
}

function helpOfCommand(command: Command, path: readonly string[]): Text[] {
  const { summary, details, args, examples } = command;
  const rows = Object.entries(args).map(([key, argument]): Row => {
    return [nameOf(key, argument), withChoices(argument.summary, argument.choices)];
  });
  return [
    summary,
    ...(details === undefined ? [] : ["", details]),
    "",
    [bold("Usage:"), ` ${usageOf(command, path)}`],
    ...section("Arguments", rows),
    ...sectionsOf(command),
    ...examplesOf(examples),
  ];
}

function sectionsOf({ flags }: Command): Text[] {
  const titles = new Set(Object.values(flags).map(({ section = "Options" }) => section));
  const sections = ["Options", ...[...titles].filter((title) => title !== "Options")];
  return sections.flatMap((title) => {
    const rows = Object.entries(flags)
      .filter(([, flag]) => (flag.section ?? "Options") === title)
      .map(([key, flag]): Row => [shortOf(flag) + writtenFlag(key, flag), describe(flag)]);
    return section(title, title === "Options" ? [...rows, HELP_ROW] : rows);
  });
}

const HELP_ROW: Row = ["-h, --help", "say this"];

function shortOf({ short }: Flag<unknown>): string {
  return short === undefined ? "    " : `-${short}, `;
}

function describe({ summary, choices }: Flag<unknown>): string {
  return withChoices(summary, choices);
}

function withChoices(summary: string, choices: readonly string[] | undefined): string {
  return choices === undefined ? summary : `${summary}: ${choices.join(", ")}`;
}

function examplesOf(examples: readonly Example[]): Text[] {
  if (examples.length === 0) return [];
  const lines = examples.flatMap(({ line, summary }): Text[] => {
    return [[INDENT, dim(`# ${summary}`)], `${INDENT}${PROGRAM} ${line}`];
  });
  return ["", bold("Examples:"), ...lines];
}

type Row = readonly [name: string, summary: string];

function section(title: string, rows: readonly Row[]): Text[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, summary]) => `${INDENT}${pad(name, width)}${summary}`);
  return ["", bold(`${title}:`), ...lines];
}

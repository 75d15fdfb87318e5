/** docs/cli.md has every command with what it takes, and every exit code; and nothing that there is not. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { isGroup } from "../src/command.ts";
import type { Command, Group } from "../src/command.ts";
import { ROOT } from "../src/commands/index.ts";
import { CONNECTION_FLAGS } from "../src/connection/connection-flags.ts";
import { EXIT } from "../src/exit-codes.ts";
import { nameOf, toFlagName } from "../src/parse.ts";

const page = await readFile(new URL("../../../docs/cli.md", import.meta.url), "utf8");

interface Placed {
  readonly usage: string;
  readonly command: Command;
}

function commandsIn(group: Group, path: readonly string[] = []): readonly Placed[] {
  return group.commands.flatMap((node): readonly Placed[] => {
    const here = [...path, node.name];
    if (isGroup(node)) return commandsIn(node, here);
    if (node.isHidden) return [];
    const args = Object.entries(node.args).map(([key, argument]) => nameOf(key, argument));
    return [{ usage: [...here, ...args].join(" "), command: node }];
  });
}

const COMMANDS = commandsIn(ROOT);

/** Of which the page says once what they are for. */
const COMMON = new Set([...Object.keys(CONNECTION_FLAGS), "json"]);

test.each(COMMANDS)("$usage has a row with its options", ({ usage, command }) => {
  const row = page.split("\n").find((line) => line.startsWith(`| \`${usage}\` `)) ?? "";

  expect(row).not.toBe("");
  const isOwn = (key: string): boolean => command.name === "add" || !COMMON.has(key);
  for (const key of Object.keys(command.flags).filter(isOwn)) {
    expect(row).toContain(`\`--${toFlagName(key)}\``);
  }
});

test("no row is about a command that there is not", () => {
  const rows = [...page.matchAll(/^\| `([a-z][^`]*)` /gm)].map(([, usage]) => usage);
  const known = new Set(COMMANDS.map(({ usage }) => usage));

  expect(
    rows.filter((usage) => !known.has(usage ?? "") && !/^profile use <name>$/.test(usage ?? "")),
  ).toEqual([]);
});

test("the options that say where to go are told of", () => {
  for (const key of COMMON) expect(page).toContain(`\`--${key}`);
});

test("every exit code has a row", () => {
  const rows = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));

  expect(rows).toEqual(Object.values(EXIT));
});

test("every command has an example, and one that begins as the command does", () => {
  for (const { usage, command } of COMMANDS) {
    const [first = ""] = usage.split(" [")[0]?.split(" <") ?? [];
    expect(
      command.examples.map(({ line }) => line).filter((line) => !line.startsWith(first)),
    ).toEqual([]);
    expect([usage, command.examples.length]).not.toEqual([usage, 0]);
  }
});

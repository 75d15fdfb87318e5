import type { TokenInfo } from "@bullmq-workflows/server";
import type { Command } from "../../command.ts";
import { tokenCommand } from "../../connection/token-command.ts";
import { table } from "../../table.ts";
import type { Column } from "../../table.ts";
import { styled, toJson } from "../../text.ts";
import type { Text } from "../../text.ts";
import { timeWords } from "../../views/words.ts";

const COLUMNS: readonly Column<TokenInfo>[] = [
  { title: "ID", cell: ({ id }) => id },
  { title: "Name", cell: ({ name }) => name, isFlexible: true },
  { title: "Role", cell: ({ role }) => role },
  { title: "Namespaces", cell: ({ namespaces }) => scopeWords(namespaces), isFlexible: true },
  { title: "Workflows", cell: ({ workflows }) => scopeWords(workflows), isFlexible: true },
  { title: "Created", cell: ({ createdAt }) => timeWords(createdAt.toISOString()) },
  { title: "Expires", cell: ({ expiresAt }) => expiryWords(expiresAt) },
];

export const list: Command = tokenCommand({
  name: "list",
  summary: "Lists tokens, without what is secret of them",
  examples: [{ line: "tokens list --redis redis://localhost:6379", summary: "oldest first" }],
  execute: async ({ tokens, terminal, isJson }) => {
    const found = await tokens.list();
    if (isJson) return terminal.say(toJson(found));
    if (found.length === 0) {
      return terminal.say(
        "There are no tokens: a server lets in programs on its own machine alone.",
      );
    }
    for (const line of table(COLUMNS, found, terminal.width)) terminal.say(line);
  },
});

function scopeWords(scope: readonly string[] | "all"): string {
  return scope === "all" ? scope : scope.join(", ");
}

function expiryWords(at: Date | undefined): Text {
  if (!at) return "never";
  const words = timeWords(at.toISOString());
  return at.getTime() <= Date.now() ? styled("red", ["expired ", words]) : words;
}

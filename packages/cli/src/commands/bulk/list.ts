import type { Bulk } from "@bullmq-workflows/client";
import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { argument } from "../../flags.ts";
import { table } from "../../table.ts";
import type { Column } from "../../table.ts";
import type { Text } from "../../text.ts";
import { bulkCounts } from "../../views/bulk.ts";
import { timeWords } from "../../views/words.ts";

const COLUMNS: readonly Column<Bulk>[] = [
  { title: "ID", cell: ({ id }) => id },
  { title: "Action", cell: ({ action }) => action },
  { title: "State", cell: ({ state }) => state },
  { title: "Started", cell: ({ started_on: at }) => timeWords(at) },
  { title: "By", cell: ({ started_by: who }) => who, isFlexible: true },
  { title: "So far", cell: bulkCounts },
];

export const list: Command = apiCommand({
  name: "list",
  summary: "Lists bulk actions and how far they are, newest first",
  args: { name: argument("the workflow") },
  examples: [{ line: "bulk list orders", summary: "those of the last week" }],
  execute: async ({ api, args, terminal, show }) => {
    const path = { workflow_name: args.name };
    const found = await api.call("listBulk", { path });
    show(found, (): readonly Text[] => {
      if (found.length === 0) return [`There are no bulk actions of the workflow "${args.name}".`];
      return table(COLUMNS, found, terminal.width);
    });
  },
});

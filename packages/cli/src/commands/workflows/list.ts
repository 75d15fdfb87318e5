import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { integer } from "../../flags.ts";
import { given } from "../../given.ts";
import { table } from "../../table.ts";
import type { Column } from "../../table.ts";
import type { Text } from "../../text.ts";
import type { Workflow } from "@bullmq-workflows/client";
import { countWords, timeWords } from "../../views/words.ts";

const COLUMNS: readonly Column<Workflow>[] = [
  { title: "Name", cell: ({ name }) => name },
  { title: "Script name", cell: ({ script_name: script }) => script, isFlexible: true },
  { title: "Class name", cell: ({ class_name: name }) => name, isFlexible: true },
  { title: "Created", cell: ({ created_on: at }) => timeWords(at) },
  { title: "Modified", cell: ({ modified_on: at }) => timeWords(at) },
];

export const list: Command = apiCommand({
  name: "list",
  summary: "Lists workflows, newest first",
  flags: {
    page: integer({ min: 1, summary: "which page (default 1)" }),
    perPage: integer({ min: 1, max: 100, summary: "how many to a page (default 25)" }),
  },
  examples: [
    { line: "workflows list --redis redis://localhost:6379", summary: "straight from Redis" },
    { line: "workflows list --json", summary: "for a script" },
  ],
  execute: async ({ api, flags, terminal, show }) => {
    const page = flags.page ?? 1;
    const found = await api.call("listWorkflows", {
      query: given({ page, per_page: flags.perPage }),
    });
    show(found, (): readonly Text[] => {
      if (found.length === 0) return [emptyPage(page)];
      const title = `Showing ${countWords(found.length, "workflow")} from page ${page}:`;
      return [title, ...table(COLUMNS, found, terminal.width)];
    });
  },
});

function emptyPage(page: number): string {
  if (page === 1) return "There are no workflows here. A worker makes them known when it starts.";
  return `No workflows found on page ${page}. Please try a smaller page number.`;
}

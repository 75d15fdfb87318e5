import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { argument, choice, instant, integer, toggle } from "../../flags.ts";
import { given } from "../../given.ts";
import { PROGRAM } from "../../help.ts";
import { table } from "../../table.ts";
import type { Column } from "../../table.ts";
import type { Text } from "../../text.ts";
import type { Instance } from "@bullmq-workflows/client";
import { countWords, STATUSES, statusWords, timeWords } from "../../views/words.ts";

const COLUMNS: readonly Column<Instance>[] = [
  { title: "Instance ID", cell: ({ id }) => id },
  { title: "Version", cell: ({ version_id: id }) => id, isFlexible: true },
  { title: "Created", cell: ({ created_on: at }) => timeWords(at) },
  { title: "Modified", cell: ({ modified_on: at }) => timeWords(at) },
  { title: "Status", cell: ({ status }) => statusWords(status) },
];

export const list: Command = apiCommand({
  name: "list",
  summary: "Lists instances, newest first",
  args: { name: argument("the workflow") },
  flags: {
    status: choice({ value: "<status>", choices: STATUSES, summary: "only those that are" }),
    dateStart: instant({ summary: "only those created from then on" }),
    dateEnd: instant({
      isEnd: true,
      summary: "only those created until then; a day is meant whole",
    }),
    page: integer({ min: 1, summary: "which page (default 1)" }),
    perPage: integer({ min: 1, max: 100, summary: "how many to a page (default 25)" }),
    reverse: toggle({ summary: "turn the page upside down" }),
  },
  examples: [
    { line: "workflows instances list orders --status errored", summary: "those that failed" },
    {
      line: "workflows instances list orders --date-start 2026-11-01 --date-end 2026-11-30",
      summary: "those of November, by UTC",
    },
  ],
  execute: async ({ api, args, flags, terminal, show }) => {
    const page = flags.page ?? 1;
    const answer = await api.call("listInstances", {
      path: { workflow_name: args.name },
      query: given({
        status: flags.status && [flags.status],
        date_start: flags.dateStart,
        date_end: flags.dateEnd,
        page,
        per_page: flags.perPage,
      }),
    });
    const found = flags.reverse ? answer.toReversed() : answer;
    show(found, (): readonly Text[] => {
      const hasFilters = [flags.status, flags.dateStart, flags.dateEnd].some((each) => each);
      if (found.length === 0) return [emptyPage(args.name, page, hasFilters)];
      const title = `Showing ${countWords(found.length, "instance")} from page ${page}:`;
      return [title, ...table(COLUMNS, found, terminal.width)];
    });
  },
});

function emptyPage(workflow: string, page: number, hasFilters: boolean): string {
  if (page > 1) return `No instances found on page ${page}. Please try a smaller page number.`;
  if (hasFilters) return `No instances in workflow "${workflow}" matched the provided filters.`;
  const command = `${PROGRAM} workflows trigger ${workflow}`;
  return `There are no instances in workflow "${workflow}". You can trigger it with "${command}"`;
}

/** Finds instances by what is known of them. */
import type { Command } from "../command.ts";
import { apiCommand } from "../connection/api-command.ts";
import type { Api } from "../connection/api.ts";
import { FILTER_FLAGS, toFilter, toFilterQuery } from "../connection/filter-flags.ts";
import type { Filter } from "../connection/filter-flags.ts";
import { argument, integer, toggle } from "../flags.ts";
import { given } from "../given.ts";
import { table } from "../table.ts";
import type { Column } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import type { Text } from "../text.ts";
import type { Instance } from "@bullmq-workflows/client";
import { countWords, statusWords, timeWords } from "../views/words.ts";

const LIMIT = 25;

/** Instances to a page of the API. */
const PAGE = 100;

const COLUMNS: readonly Column<Instance>[] = [
  { title: "Instance ID", cell: ({ id }) => id },
  { title: "Created", cell: ({ created_on: at }) => timeWords(at) },
  { title: "Modified", cell: ({ modified_on: at }) => timeWords(at) },
  { title: "Status", cell: ({ status }) => statusWords(status) },
  { title: "Tags", cell: ({ tags }) => tags.join(", "), isFlexible: true },
];

export const search: Command = apiCommand({
  name: "search",
  summary: "Finds instances by status, tags, ids, errors, params and times",
  details: "What is asked for has to fit as a whole; of several statuses, one.",
  args: { name: argument("the workflow") },
  flags: {
    limit: integer({ min: 1, summary: `how many to show at most (default ${LIMIT})` }),
    oldest: toggle({ summary: "oldest first" }),
    ...FILTER_FLAGS,
  },
  examples: [
    { line: 'search orders --status errored --error "no funds"', summary: "who had no funds" },
    { line: "search orders --param customer=7 --tag vip --json", summary: "for a script" },
  ],
  execute: async ({ api, args, flags, terminal, show }) => {
    const { limit = LIMIT, oldest } = flags;
    const request = { workflow: args.name, filter: toFilter(flags), limit, oldest };
    const { found, hasMore } = await find(api, request, terminal);
    show(found, (): readonly Text[] => {
      if (found.length === 0) return [`No such instances of the workflow "${args.name}".`];
      const more = hasMore ? ["There are more: --limit shows them."] : [];
      const title = `Found ${countWords(found.length, "instance")}:`;
      return [title, ...table(COLUMNS, found, terminal.width), ...more];
    });
  },
});

interface Request {
  readonly workflow: string;
  readonly filter: Filter;
  readonly limit: number;
  readonly oldest: boolean;
}

/** A page may have fewer than it could, and even none, as long as it comes with a cursor. */
async function find(
  api: Api,
  { workflow, filter, limit, oldest }: Request,
  terminal: Terminal,
): Promise<{ readonly found: readonly Instance[]; readonly hasMore: boolean }> {
  const found: Instance[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.page("listInstances", {
      path: { workflow_name: workflow },
      query: {
        ...toFilterQuery(filter),
        per_page: Math.min(PAGE, limit - found.length),
        ...(oldest && { direction: "asc" }),
        ...given({ cursor }),
      },
    });
    found.push(...page.result);
    cursor = page.result_info.cursor;
    terminal.progress(`Searching, ${countWords(found.length, "instance")} so far …`);
  } while (cursor !== undefined && found.length < limit);
  terminal.progress(undefined);
  return { found, hasMore: cursor !== undefined };
}

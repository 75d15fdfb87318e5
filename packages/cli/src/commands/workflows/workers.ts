/** The processes that run workflows. */
import type { Worker } from "@bullmq-workflows/client";
import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { table } from "../../table.ts";
import type { Column } from "../../table.ts";
import type { Text } from "../../text.ts";
import { timeWords } from "../../views/words.ts";

const COLUMNS: readonly Column<Worker>[] = [
  { title: "ID", cell: ({ id }) => id },
  { title: "Host", cell: ({ host }) => host, isFlexible: true },
  { title: "PID", cell: ({ pid }) => String(pid) },
  { title: "Started", cell: ({ started_on: at }) => timeWords(at) },
  { title: "Heard", cell: ({ heard_on: at }) => timeWords(at) },
  { title: "Workflows", cell: loadOf, isFlexible: true },
];

export const workers: Command = apiCommand({
  name: "workers",
  summary: "Lists the processes that run workflows, and what they run",
  examples: [{ line: "workflows workers", summary: "those that live, each with how much it runs" }],
  execute: async ({ api, terminal, show }) => {
    const found = await api.call("listWorkers", {});
    show(found, (): readonly Text[] => {
      if (found.length === 0) return ["There are no live workers here: nothing runs."];
      return table(COLUMNS, found, terminal.width);
    });
  },
});

function loadOf({ workflows }: Worker): string {
  return workflows
    .map(({ name, active, concurrency }) => `${name} (${active} of ${concurrency})`)
    .join(", ");
}

/** How the line of a workflow's instances stands. */
import type { Queue } from "@bullmq-workflows/client";
import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { argument } from "../../flags.ts";
import { labels } from "../../table.ts";
import type { Text } from "../../text.ts";
import { countWords, durationWords } from "../../views/words.ts";

export const queue: Command = apiCommand({
  name: "queue",
  summary: "Says how many instances of a workflow wait, for what, and since when",
  args: { name: argument("the workflow") },
  examples: [{ line: "workflows queue orders", summary: "one of them" }],
  execute: async ({ api, args, show }) => {
    const found = await api.call("getQueue", { path: { workflow_name: args.name } });
    show(found, describe);
  },
});

function describe(state: Queue): readonly Text[] {
  const { limit, active, oldest_waiting_ms: oldestMs } = state;
  const workers = countWords(state.live_workers, "live worker");
  return labels([
    ["Running", limit === null ? String(active) : `${active}, at most ${limit}`],
    ["Waiting", String(state.waiting)],
    ["  for a worker", String(state.waiting_for_worker)],
    ["  for a slot", String(state.waiting_for_slot)],
    ["Delayed", String(state.delayed)],
    ["Held by schedules", String(state.held)],
    ["Longest wait", oldestMs === null ? "-" : durationWords(oldestMs)],
    ["Workers", `${workers}, for ${state.worker_concurrency} at once`],
  ]);
}

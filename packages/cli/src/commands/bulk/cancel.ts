import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { argument } from "../../flags.ts";
import { bulkOutcome } from "../../views/bulk.ts";

export const cancel: Command = apiCommand({
  name: "cancel",
  summary: "Ends a bulk action before its time; what it has done stays done",
  args: { name: argument("the workflow"), id: argument("the bulk action, as `bulk list` has it") },
  examples: [{ line: "bulk cancel orders m8k2-1f0c", summary: "one of them" }],
  execute: async ({ api, args, show }) => {
    const path = { workflow_name: args.name, bulk_id: args.id };
    show(await api.call("cancelBulk", { path }), bulkOutcome);
  },
});

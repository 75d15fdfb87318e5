import type { Command } from "../../command.ts";
import { confirm, YES_FLAG } from "../../confirm.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { argument } from "../../flags.ts";

export const deleteWorkflow: Command = apiCommand({
  name: "delete",
  summary: "Deletes a workflow with all its instances",
  args: { name: argument("the workflow") },
  flags: YES_FLAG,
  examples: [{ line: "workflows delete orders", summary: "asks first" }],
  execute: async (call) => {
    const { api, args, show } = call;
    await confirm(
      call,
      `Delete the workflow "${args.name}" and all its instances at ${api.place}?`,
    );
    const path = { workflow_name: args.name };
    const deleted = await api.call("deleteWorkflow", { path });
    show(deleted, () => [
      `✅ Workflow "${args.name}" removed successfully.`,
      "Note that running instances might take a few minutes to be properly terminated.",
    ]);
  },
});

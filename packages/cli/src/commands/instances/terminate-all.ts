import type { Command } from "../../command.ts";
import { confirm, YES_FLAG } from "../../confirm.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { argument, choice } from "../../flags.ts";
import { given } from "../../given.ts";

const STATUSES = ["queued", "running", "paused", "waitingForPause", "waiting"] as const;

export const terminateAll: Command = apiCommand({
  name: "terminate-all",
  summary: "Ends all instances of a workflow, or those in a status",
  args: { name: argument("the workflow") },
  flags: {
    status: choice({ value: "<status>", choices: STATUSES, summary: "only those that are" }),
    ...YES_FLAG,
  },
  examples: [
    { line: "workflows instances terminate-all orders --status queued", summary: "asks first" },
  ],
  execute: async (call) => {
    const { api, args, flags, show } = call;
    const those = flags.status === undefined ? "" : ` with status "${flags.status}"`;
    const which = `instances from Workflow "${args.name}"${those}`;
    await confirm(call, `Terminate all ${which} at ${api.place}?`);
    const begun = await api.call("terminateInstances", {
      path: { workflow_name: args.name },
      query: given({ status: flags.status }),
    });
    const state = begun.status === "already_running" ? "is already running" : "has been started";
    show(begun, () => [
      `🥷 A job to terminate ${which} ${state}. It might take a few minutes to complete.`,
    ]);
  },
});

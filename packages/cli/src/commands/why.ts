/** Why an instance does not run, in one sentence. */
import type { Command } from "../command.ts";
import { apiCommand } from "../connection/api-command.ts";
import { resolveInstance } from "../connection/calls.ts";
import { argument, optional } from "../flags.ts";
import { oneLine } from "../text.ts";

export const why: Command = apiCommand({
  name: "why",
  summary: "Says why an instance does not run: what it waits for, and until when",
  args: {
    name: argument("the workflow"),
    id: optional("the instance (default latest)"),
  },
  examples: [{ line: "why orders order-7", summary: "in one sentence" }],
  execute: async ({ api, args, show }) => {
    const instance = await resolveInstance(api, args.name, args.id ?? "latest");
    const path = { workflow_name: args.name, instance_id: instance };
    const explanation = await api.call("getWhy", { path });
    show(explanation, ({ sentence }) => [oneLine(sentence)]);
  },
});

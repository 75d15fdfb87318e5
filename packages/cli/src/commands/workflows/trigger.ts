import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { argument, optional, text } from "../../flags.ts";
import { parseJson } from "../../json-text.ts";

interface CreatedResult {
  readonly id: string;
}

export const trigger: Command = apiCommand({
  name: "trigger",
  summary: "Creates an instance of a workflow",
  args: {
    name: argument("the workflow"),
    params: optional("what its run is given, as JSON (default {})"),
  },
  flags: { id: text({ value: "<id>", summary: "of the instance (default: one is made up)" }) },
  examples: [
    { line: `workflows trigger orders '{"item": "tea"}'`, summary: "with params" },
    { line: "workflows trigger orders --id order-7", summary: "with an id of your own" },
  ],
  execute: async ({ api, args, flags, show }) => {
    const params = args.params === "" ? undefined : args.params;
    if (params !== undefined) parseJson(params, "[params]");
    const created = await api.call<CreatedResult>("createInstance", {
      path: { workflow_name: args.name },
      body: {
        ...(flags.id !== undefined && { instance_id: flags.id }),
        // As text: of a JSON string, the API would read what is in it once more.
        ...(params !== undefined && { params }),
      },
    });
    show(created, ({ id }) => [`🚀 Workflow instance "${id}" has been queued successfully`]);
  },
});

import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { argument, integer, optional, text, texts } from "../../flags.ts";
import { given } from "../../given.ts";
import { parseJson } from "../../json-text.ts";

export const trigger: Command = apiCommand({
  name: "trigger",
  summary: "Creates an instance of a workflow",
  args: {
    name: argument("the workflow"),
    params: optional("what its run is given, as JSON (default {})"),
  },
  flags: {
    id: text({ value: "<id>", summary: "of the instance (default: one is made up)" }),
    tag: texts({ value: "<tag>", summary: "by which it can be found; may be repeated" }),
    priority: integer({ min: 1, max: 2_000_000, summary: "lower goes first among new instances" }),
    delay: text({ value: "<time>", summary: 'how much later it starts, such as "5 minutes"' }),
  },
  examples: [
    { line: `workflows trigger orders '{"item": "tea"}'`, summary: "with params" },
    { line: "workflows trigger orders --id order-7", summary: "with an id of your own" },
  ],
  execute: async ({ api, args, flags, show }) => {
    const params = args.params === "" ? undefined : args.params;
    if (params !== undefined) parseJson(params, "[params]");
    const created = await api.call("createInstance", {
      path: { workflow_name: args.name },
      body: {
        ...given({ instance_id: flags.id, priority: flags.priority, delay: flags.delay }),
        ...(flags.tag.length > 0 && { tags: flags.tag }),
        // As text: of a JSON string, the API would read what is in it once more.
        ...(params !== undefined && { params }),
      },
    });
    show(created, ({ id }) => [`🚀 Workflow instance "${id}" has been queued successfully`]);
  },
});

import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { resolveInstance } from "../../connection/calls.ts";
import { argument, integer, optional, toggle } from "../../flags.ts";
import { describeInstance } from "../../views/instance-description.ts";

const OUTPUT_LIMIT = 5_000;

export const describe: Command = apiCommand({
  name: "describe",
  summary: "Shows an instance: its steps, when they ran, what they came to",
  args: {
    name: argument("the workflow"),
    id: optional("the instance (default latest)"),
  },
  flags: {
    stepOutput: toggle({ isOnByDefault: true, summary: "leave outputs out" }),
    truncateOutputLimit: integer({
      min: 0,
      summary: `characters of an output that are shown (default ${OUTPUT_LIMIT})`,
    }),
  },
  examples: [
    { line: "workflows instances describe orders", summary: "the one that was created last" },
    { line: "workflows instances describe orders order-7 --no-step-output", summary: "briefly" },
  ],
  execute: async ({ api, args, flags, terminal, show }) => {
    const workflow = args.name;
    const instance = await resolveInstance(api, workflow, args.id ?? "latest");
    const details = await api.call("getInstance", {
      path: { workflow_name: workflow, instance_id: instance },
    });
    show(details, () =>
      describeInstance(details, {
        workflow,
        instance,
        now: Date.now(),
        width: terminal.width,
        outputLimit: flags.truncateOutputLimit ?? OUTPUT_LIMIT,
        hasOutputs: flags.stepOutput,
      }),
    );
  },
});

import { UsageError } from "../../command.ts";
import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { changeStatus, resolveInstance } from "../../connection/calls.ts";
import { choice, integer, text } from "../../flags.ts";
import { given } from "../../given.ts";
import { INSTANCE_ARGS } from "./instance-args.ts";

export const restart: Command = apiCommand({
  name: "restart",
  summary: "Runs an instance anew, from its beginning or from one of its steps",
  args: INSTANCE_ARGS,
  flags: {
    fromStepName: text({ value: "<name>", summary: "keep what came before this step" }),
    fromStepCount: integer({ min: 1, summary: "which of the steps with this name (default 1)" }),
    fromStepType: choice({
      value: "<type>",
      choices: ["do", "sleep", "waitForEvent"],
      summary: "what kind of step it is",
    }),
  },
  examples: [
    { line: "workflows instances restart orders order-7", summary: "all of it" },
    {
      line: "workflows instances restart orders order-7 --from-step-name ship",
      summary: "what came before is kept",
    },
  ],
  execute: async ({ api, args: { name: workflow, id }, flags, show }) => {
    const { fromStepName: step, fromStepCount: count, fromStepType: type } = flags;
    if (step === undefined && (count !== undefined || type !== undefined)) {
      throw new UsageError("--from-step-count and --from-step-type go with --from-step-name.");
    }
    const from = step === undefined ? {} : { from: { name: step, ...given({ count, type }) } };
    const instance = await resolveInstance(api, workflow, id);
    const changed = await changeStatus(api, { workflow, instance }, { status: "restart", ...from });
    show(changed, () => [
      `🥷 The instance "${instance}" from ${workflow} was restarted successfully`,
    ]);
  },
});

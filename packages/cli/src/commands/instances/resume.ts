import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { changeStatus, hasEnded, resolveInstance } from "../../connection/calls.ts";
import { INSTANCE_ARGS } from "./instance-args.ts";

export const resume: Command = apiCommand({
  name: "resume",
  summary: "Lets a paused instance go on",
  args: INSTANCE_ARGS,
  examples: [{ line: "workflows instances resume orders order-7", summary: "one of them" }],
  execute: async ({ api, args: { name: workflow, id }, show }) => {
    const instance = await resolveInstance(api, workflow, id);
    const changed = await changeStatus(api, { workflow, instance }, { status: "resume" });
    const which = `The instance "${instance}" from ${workflow}`;
    show(changed, () => [
      hasEnded(changed)
        ? `${which} has ended (${changed.status}): there is nothing to resume`
        : `🔄 ${which} was resumed successfully`,
    ]);
  },
});

import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { changeStatus, hasEnded, resolveInstance } from "../../connection/calls.ts";
import { INSTANCE_ARGS } from "./instance-args.ts";

export const pause: Command = apiCommand({
  name: "pause",
  summary: "Pauses an instance, when its running steps have ended",
  args: INSTANCE_ARGS,
  examples: [{ line: "workflows instances pause orders order-7", summary: "one of them" }],
  execute: async ({ api, args: { name: workflow, id }, show }) => {
    const instance = await resolveInstance(api, workflow, id);
    const changed = await changeStatus(api, { workflow, instance }, { status: "pause" });
    const which = `The instance "${instance}" from ${workflow}`;
    show(changed, () => [
      hasEnded(changed)
        ? `${which} has ended (${changed.status}): there is nothing to pause`
        : `⏸️ ${which} was paused successfully`,
    ]);
  },
});

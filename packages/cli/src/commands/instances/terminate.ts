import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { changeStatus, resolveInstance } from "../../connection/calls.ts";
import { toggle } from "../../flags.ts";
import { INSTANCE_ARGS } from "./instance-args.ts";

export const terminate: Command = apiCommand({
  name: "terminate",
  summary: "Ends an instance for good",
  args: INSTANCE_ARGS,
  flags: { rollback: toggle({ summary: "undo its steps that can be undone" }) },
  examples: [
    { line: "workflows instances terminate orders order-7", summary: "one of them" },
    { line: "workflows instances terminate orders latest --rollback", summary: "and undo it" },
  ],
  execute: async ({ api, args: { name: workflow, id }, flags, show }) => {
    const instance = await resolveInstance(api, workflow, id);
    const rollback = flags.rollback ? { rollback: true } : {};
    const body = { status: "terminate", ...rollback } as const;
    const changed = await changeStatus(api, { workflow, instance }, body);
    show(changed, () => [
      `🥷 The instance "${instance}" from ${workflow} was terminated successfully`,
    ]);
  },
});

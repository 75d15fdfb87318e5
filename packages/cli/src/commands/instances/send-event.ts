import type { Command } from "../../command.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { resolveInstance } from "../../connection/calls.ts";
import { required, text } from "../../flags.ts";
import { parseJson } from "../../json-text.ts";
import { INSTANCE_ARGS } from "./instance-args.ts";

export const sendEvent: Command = apiCommand({
  name: "send-event",
  summary: "Sends an event to an instance",
  args: INSTANCE_ARGS,
  flags: {
    type: required(text({ value: "<type>", summary: "of the event" })),
    payload: text({ value: "<json>", summary: "what comes with it, as JSON (default {})" }),
  },
  examples: [
    {
      line: `workflows instances send-event orders order-7 --type paid --payload '{"by": "card"}'`,
      summary: "what waits for it goes on",
    },
  ],
  execute: async ({ api, args: { name: workflow, id }, flags, show }) => {
    const { type, payload = "{}" } = flags;
    const body = parseJson(payload, "--payload");
    const instance = await resolveInstance(api, workflow, id);
    const sent = await api.call("sendEvent", {
      path: { workflow_name: workflow, instance_id: instance, event_type: type },
      body,
    });
    const hasPayload = Object.keys(body ?? {}).length > 0;
    const withPayload = hasPayload ? ` and payload "${payload}"` : "";
    show(sent, () => [
      `📤 The event with type "${type}"${withPayload} was sent to the instance "${instance}" from ${workflow}`,
    ]);
  },
});

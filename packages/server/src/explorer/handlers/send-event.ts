/** Sends an event. Without a body that is JSON it has no payload. */
import { z } from "zod";
import { operation } from "../../operation.ts";
import { InstancePath } from "../../schemas.ts";

export const sendEvent = operation({
  id: "explorerSendEvent",
  summary: "Send an event to an instance; the body is its payload",
  role: "operate",
  path: InstancePath.extend({ event_type: z.string() }),
  body: z.unknown(),
  hasOptionalBody: true,
  result: z.object({ success: z.literal(true) }),
  handle: async ({ workflow, path, body }) => {
    const { workflow: binding } = await workflow();
    const instance = await binding.get(path.instance_id);
    await instance.sendEvent({ type: path.event_type, payload: body });
    return { result: { success: true as const } };
  },
});

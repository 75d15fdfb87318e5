import { z } from "zod";
import { operation } from "../operation.ts";
import { Instant, InstancePath } from "../schemas.ts";
import { toIso } from "../views/workflow-view.ts";

export const sendEvent = operation({
  id: "sendEvent",
  summary: "Send an event to an instance; the body is its payload",
  role: "operate",
  path: InstancePath.extend({ event_type: z.string().describe("The event's type.") }),
  body: z.unknown(),
  result: z.object({ instanceId: z.string(), timestamp: Instant }),
  handle: async ({ workflow, path, body }) => {
    const { workflow: binding } = await workflow();
    const instance = await binding.get(path.instance_id);
    await instance.sendEvent({ type: path.event_type, payload: body });
    return { result: { instanceId: path.instance_id, timestamp: toIso(Date.now()) } };
  },
});

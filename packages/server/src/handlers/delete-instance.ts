import { z } from "zod";
import { operation } from "../operation.ts";
import { InstancePath } from "../schemas.ts";

export const deleteInstance = operation({
  id: "deleteInstance",
  summary: "Delete an instance with all it recorded",
  role: "operate",
  path: InstancePath,
  result: z.object({ success: z.literal(true) }),
  handle: async ({ workflow, path }) => {
    const { workflow: binding } = await workflow();
    await (await binding.get(path.instance_id)).delete();
    return { result: { success: true as const } };
  },
});

/** Deletes up to 100 instances. What became of each is in the answer, which is a success either way. */
import { z } from "zod";
import { operation } from "../operation.ts";
import { InstanceIds, WorkflowPath } from "../schemas.ts";

export const deleteInstances = operation({
  id: "deleteInstances",
  summary: "Delete up to 100 instances",
  role: "operate",
  path: WorkflowPath,
  body: z.object({ instances: InstanceIds }),
  result: z.object({
    deleted: z.array(z.object({ id: z.string() })),
    errors: z.array(z.object({ id: z.string(), code: z.number(), message: z.string() })),
  }),
  handle: async ({ workflow, body }) => {
    const { workflow: binding } = await workflow();
    return { result: await binding.deleteBatch(body.instances) };
  },
});

import { z } from "zod";
import { operation } from "../../operation.ts";
import { WorkflowPath } from "../../schemas.ts";

export const createInstance = operation({
  id: "explorerCreateInstance",
  summary: "Create an instance",
  role: "operate",
  path: WorkflowPath,
  body: z.object({ id: z.string().optional(), params: z.unknown().optional() }).optional(),
  hasOptionalBody: true,
  result: z.object({ id: z.string() }),
  handle: async ({ workflow, body: { id, params } = {} }) => {
    const { workflow: binding } = await workflow();
    const created = await binding.create({
      ...(id !== undefined && { id }),
      ...(params !== undefined && { params }),
    });
    return { result: { id: created.id } };
  },
});

/** Deletes the instances, in the background. The workflow stays: the program that has it still runs it. */
import { z } from "zod";
import { beginDeletingInstances } from "../../handlers/delete-workflow.ts";
import { operation } from "../../operation.ts";
import { WorkflowPath } from "../../schemas.ts";

export const deleteWorkflow = operation({
  id: "explorerDeleteWorkflow",
  summary: "Delete all instances of a workflow",
  role: "admin",
  path: WorkflowPath,
  result: z.object({ status: z.literal("ok"), success: z.literal(true) }),
  handle: async ({ workflow, jobs }) => {
    await beginDeletingInstances(await workflow(), jobs);
    return { result: { status: "ok" as const, success: true as const } };
  },
});

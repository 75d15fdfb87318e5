/** Forgets a workflow at once, and deletes its instances in the background. */
import { z } from "zod";
import { operation } from "../operation.ts";
import { WorkflowPath } from "../schemas.ts";

export const deleteWorkflow = operation({
  id: "deleteWorkflow",
  summary: "Delete a workflow with all its instances",
  role: "admin",
  path: WorkflowPath,
  result: z.object({ status: z.literal("ok"), success: z.boolean() }),
  handle: async ({ workflow, namespace, jobs }) => {
    const { record, store } = await workflow();
    // Those that are created later belong to a workflow of the same name that comes later.
    const [newest] = (await store.list({ limit: 1 })).instances;
    // First what ends by itself: after a crash the workflow is still there to be deleted again.
    if (newest) await jobs.begin("delete", record.name, { createdTo: newest.createdAt });
    await namespace.directory.forget(record.name);
    return { result: { status: "ok" as const, success: true } };
  },
});

/** Forgets a workflow at once, and deletes its instances in the background. */
import { findInstances } from "bullmq-workflows/internal";
import { z } from "zod";
import type { Jobs } from "../jobs.ts";
import { operation } from "../operation.ts";
import type { KnownWorkflow } from "../operation.ts";
import { WorkflowPath } from "../schemas.ts";

export const deleteWorkflow = operation({
  id: "deleteWorkflow",
  summary: "Delete a workflow with all its instances",
  role: "admin",
  path: WorkflowPath,
  result: z.object({ status: z.literal("ok"), success: z.boolean() }),
  handle: async ({ workflow, namespace, jobs }) => {
    const known = await workflow();
    // Those of its code are in force as long as that runs. Nobody could take away these.
    await known.putSchedules([]);
    // First what ends by itself: after a crash the workflow is still there to be deleted again.
    await beginDeletingInstances(known, jobs);
    await namespace.directory.forget(known.record.name);
    return { result: { status: "ok" as const, success: true } };
  },
});

/** Those that are created later belong to whoever creates them. */
export async function beginDeletingInstances(
  { record, store }: KnownWorkflow,
  jobs: Jobs,
): Promise<void> {
  const [newest] = (await findInstances(store, { limit: 1 })).instances;
  if (newest) await jobs.begin("delete", record.name, { createdTo: newest.createdAt });
}

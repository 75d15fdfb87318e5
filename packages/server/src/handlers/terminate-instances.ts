/** Begins to terminate all instances, or those in a status, that have not ended; goes on in the background. */
import { findInstances, isFinished, STATUSES } from "bullmq-workflows/internal";
import { z } from "zod";
import { operation } from "../operation.ts";
import { WorkflowPath } from "../schemas.ts";

const Terminable = z.enum(["queued", "running", "paused", "waitingForPause", "waiting"]);

export const terminateInstances = operation({
  id: "terminateInstances",
  summary: "Terminate all instances, in the background",
  role: "operate",
  path: WorkflowPath,
  query: z.object({ status: Terminable.optional().describe("Only those in this status.") }),
  result: z.object({ status: z.enum(["ok", "already_running"]) }),
  handle: async ({ workflow, query, jobs }) => {
    const { record, store } = await workflow();
    // One that rolls back ends by itself when that is done: there is nothing to do to it, for as long as it takes.
    const statuses = query.status
      ? [query.status]
      : STATUSES.filter((status) => !isFinished(status) && status !== "rollingBack");
    // Those created from now on are not meant, and might never end.
    const [newest] = (await findInstances(store, { limit: 1 })).instances;
    if (!newest) return { result: { status: "ok" as const } };
    const scope = { statuses, createdTo: newest.createdAt };
    const isBegun = await jobs.begin("terminate", record.name, scope);
    return { result: { status: isBegun ? ("ok" as const) : ("already_running" as const) } };
  },
});

/** How the line of a workflow's instances stands: what it costs does not depend on how many there are. */
import { z } from "zod";
import { operation } from "../operation.ts";
import { Instant, WorkflowPath } from "../schemas.ts";
import { toIso } from "../views/workflow-view.ts";

export const getQueue = operation({
  id: "getQueue",
  summary: "Get how many instances of a workflow wait and run",
  role: "view",
  path: WorkflowPath,
  result: z
    .object({
      /** How many may run at once; null for no limit. */
      limit: z.number().nullable(),
      /** With a worker. */
      active: z.number(),
      /** Ready to run: for want of a worker, or of a slot of the limit. */
      waiting: z.number(),
      waiting_for_worker: z.number(),
      waiting_for_slot: z.number(),
      /** Queued until their delayed start … */
      delayed: z.number(),
      /** … or until an earlier one of their schedule has ended. */
      held: z.number(),
      oldest_waiting_since: Instant.nullable(),
      oldest_waiting_ms: z.number().nullable(),
      live_workers: z.number(),
      /** How many instances these run at once. */
      worker_concurrency: z.number(),
    })
    .meta({ id: "Queue" }),
  handle: async ({ workflow, namespace }) => {
    const { record, store } = await workflow();
    const [state, workers] = await Promise.all([
      store.insights.queue(),
      namespace.directory.workers(),
    ]);
    const { now, limit, active, pending, backlog, delayed, held, oldestSince } = state;
    const loads = workers.flatMap(({ workflows }) =>
      workflows.filter(({ name }) => name === record.name),
    );
    return {
      result: {
        limit: limit === 0 ? null : limit,
        active,
        waiting: pending + backlog,
        waiting_for_worker: pending,
        waiting_for_slot: backlog,
        delayed,
        held,
        oldest_waiting_since: oldestSince === undefined ? null : toIso(oldestSince),
        oldest_waiting_ms: oldestSince === undefined ? null : Math.max(0, now - oldestSince),
        live_workers: loads.length,
        worker_concurrency: loads.reduce((sum, { concurrency }) => sum + concurrency, 0),
      },
    };
  },
});

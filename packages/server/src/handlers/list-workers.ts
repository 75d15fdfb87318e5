/** The processes that run workflows of this namespace, as far as they were heard of in the last seconds. */
import { z } from "zod";
import { includes } from "../access/principal.ts";
import { operation } from "../operation.ts";
import { pageOf } from "../pagination.ts";
import { PageQuery } from "../schemas.ts";
import { toWorkerView, WorkerView } from "../views/worker-view.ts";

export const listWorkers = operation({
  id: "listWorkers",
  summary: "List live workers with what they run",
  role: "view",
  path: z.object({}),
  query: PageQuery,
  result: z.array(WorkerView),
  isPaged: true,
  handle: async ({ namespace, principal, query }) => {
    const isVisible = (workflow: string): boolean => includes(principal.workflows, workflow);
    const workers = (await namespace.directory.workers())
      .filter(({ workflows }) => workflows.some(({ name }) => isVisible(name)))
      .toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
    const { items, resultInfo } = pageOf(workers, query);
    return { result: items.map((worker) => toWorkerView(worker, isVisible)), resultInfo };
  },
});

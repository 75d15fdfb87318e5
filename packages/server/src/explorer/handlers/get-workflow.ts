import { z } from "zod";
import { operation } from "../../operation.ts";
import { WorkflowPath } from "../../schemas.ts";
import { ExplorerWorkflow, toExplorerWorkflow } from "../views/workflow-view.ts";

export const getWorkflow = operation({
  id: "explorerGetWorkflow",
  summary: "Get a workflow, with how many instances are in each status",
  role: "view",
  path: WorkflowPath,
  result: ExplorerWorkflow.extend({ instances: z.record(z.string(), z.number()) }),
  handle: async ({ workflow }) => {
    const { record, store } = await workflow();
    return { result: { ...toExplorerWorkflow(record), instances: await store.instances.counts() } };
  },
});

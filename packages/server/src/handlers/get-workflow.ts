import { operation } from "../operation.ts";
import { WorkflowPath } from "../schemas.ts";
import { toWorkflowView, WorkflowView } from "../views/workflow-view.ts";

export const getWorkflow = operation({
  id: "getWorkflow",
  summary: "Get a workflow, with how many instances are in each status",
  role: "view",
  path: WorkflowPath,
  result: WorkflowView,
  handle: async ({ workflow }) => {
    const known = await workflow();
    return { result: await toWorkflowView(known.record, known) };
  },
});

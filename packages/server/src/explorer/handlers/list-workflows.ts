import { z } from "zod";
import { operation } from "../../operation.ts";
import { ExplorerWorkflow, toExplorerWorkflow } from "../views/workflow-view.ts";

export const listWorkflows = operation({
  id: "explorerListWorkflows",
  summary: "List workflows",
  role: "view",
  path: z.object({}),
  result: z.array(ExplorerWorkflow),
  handle: async ({ namespace }) => {
    const records = await namespace.directory.workflows();
    const result = records.map(toExplorerWorkflow);
    return { result, resultInfo: { count: result.length } };
  },
});

import { z } from "zod";
import { includes } from "../../access/principal.ts";
import { operation } from "../../operation.ts";
import { ExplorerWorkflow, toExplorerWorkflow } from "../views/workflow-view.ts";

export const listWorkflows = operation({
  id: "explorerListWorkflows",
  summary: "List workflows",
  role: "view",
  path: z.object({}),
  result: z.array(ExplorerWorkflow),
  handle: async ({ namespace, principal }) => {
    const records = (await namespace.directory.workflows()).filter(({ name }) =>
      includes(principal.workflows, name),
    );
    const result = records.map(toExplorerWorkflow);
    return { result, resultInfo: { count: result.length } };
  },
});

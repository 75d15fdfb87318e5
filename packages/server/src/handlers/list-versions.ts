import { z } from "zod";
import { operation } from "../operation.ts";
import { pageOf } from "../pagination.ts";
import { PageQuery, WorkflowPath } from "../schemas.ts";
import { toVersionView, VersionView } from "../views/version-view.ts";

export const listVersions = operation({
  id: "listVersions",
  summary: "List the versions of a workflow, newest first",
  role: "view",
  path: WorkflowPath,
  query: PageQuery,
  result: z.array(VersionView),
  isPaged: true,
  handle: async ({ workflow, query }) => {
    const { items, resultInfo } = pageOf([(await workflow()).record], query);
    return { result: items.map(toVersionView), resultInfo };
  },
});

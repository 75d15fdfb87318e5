/** The bulk actions of a workflow, newest first; of those that have ended the last 100, for a week. */
import { z } from "zod";
import { operation } from "../operation.ts";
import { pageOf } from "../pagination.ts";
import { PageQuery, WorkflowPath } from "../schemas.ts";
import { BulkView, toBulkView } from "../views/bulk-view.ts";

export const listBulk = operation({
  id: "listBulk",
  summary: "List the bulk actions of a workflow, newest first",
  role: "view",
  path: WorkflowPath,
  query: PageQuery,
  result: z.array(BulkView),
  isPaged: true,
  handle: async ({ workflow, namespace, query }) => {
    const { record } = await workflow();
    const reports = await namespace.directory.jobReports(record.name);
    const { items, resultInfo } = pageOf(reports.toReversed(), query);
    return { result: items.map(toBulkView), resultInfo };
  },
});

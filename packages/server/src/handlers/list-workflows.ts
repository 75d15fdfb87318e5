/** The workflows of a namespace, newest first. */
import { z } from "zod";
import { includes } from "../access/principal.ts";
import { operation } from "../operation.ts";
import { pageOf } from "../pagination.ts";
import { PageQuery } from "../schemas.ts";
import { toWorkflowView, WorkflowView } from "../views/workflow-view.ts";

export const listWorkflows = operation({
  id: "listWorkflows",
  summary: "List workflows, newest first",
  role: "view",
  path: z.object({}),
  query: PageQuery.extend({
    search: z.string().max(64).optional().describe("A part of the name."),
  }),
  result: z.array(WorkflowView),
  isPaged: true,
  handle: async ({ namespace, principal, query }) => {
    const { search = "" } = query;
    const records = (await namespace.directory.workflows())
      .filter(({ name }) => name.includes(search) && includes(principal.workflows, name))
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.name < b.name ? -1 : 1));
    const { items, resultInfo } = pageOf(records, query);
    const views = items.map((record) => toWorkflowView(record, namespace.open(record)));
    return { result: await Promise.all(views), resultInfo };
  },
});

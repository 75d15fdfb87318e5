/**
 * The instances of a workflow by their creation, newest first unless asked otherwise.
 *
 * Pages by number are what Cloudflare's SDK walks through, by cursor what wrangler does; a cursor stays
 * right while instances come and go. Filters of ours may have to look at instances in vain: a page of those
 * has fewer than asked for, or none, and a cursor as long as there may be more.
 */
import { findInstances, isSearch } from "bullmq-workflows/internal";
import { z } from "zod";
import { invalidInput } from "../api-error.ts";
import { FILTER_SHAPE, toScope } from "../instance-filter.ts";
import { operation } from "../operation.ts";
import { DEFAULT_PER_PAGE, toResultInfo } from "../pagination.ts";
import { PageQuery, WorkflowPath } from "../schemas.ts";
import { InstanceView, toInstanceView } from "../views/instance-view.ts";

const Query = PageQuery.extend({
  ...FILTER_SHAPE,
  cursor: z
    .string()
    .max(500)
    .optional()
    .describe("`result_info.cursor` of the page before; stays right while instances change."),
  direction: z
    .enum(["asc", "desc"])
    .optional()
    .describe("By creation: oldest first, or newest first as if not said."),
});

export const listInstances = operation({
  id: "listInstances",
  summary: "List or search instances, newest first",
  role: "view",
  path: WorkflowPath,
  query: Query,
  result: z.array(InstanceView),
  isPaged: true,
  handle: async ({ workflow, query }) => {
    const { record, store } = await workflow();
    const { page, per_page: perPage = DEFAULT_PER_PAGE } = query;
    const scope = toScope(query, record.settings.searchable);
    const request = { ...scope, ...toPlace(query, perPage), limit: perPage };
    if (isSearch(request) && request.skip) {
      throw invalidInput("`page`: what is searched for is paged through by `cursor` alone");
    }
    const found = await findInstances(store, request);
    const { instances, total, cursor } = found;
    const resultInfo = toResultInfo({ count: instances.length, perPage, total, page, cursor });
    return { result: instances.map((each) => toInstanceView(each, record)), resultInfo };
  },
});

function toPlace({ page, cursor, direction }: z.output<typeof Query>, perPage: number) {
  if (cursor !== undefined && page !== undefined) {
    throw invalidInput("`cursor` and `page` exclude each other");
  }
  if (cursor !== undefined && !/^\d{1,15}:./s.test(cursor)) {
    throw invalidInput("`cursor` is none that a page came with");
  }
  return {
    first: direction === "asc" ? ("oldest" as const) : ("newest" as const),
    ...(cursor !== undefined && { cursor }),
    ...(page !== undefined && { skip: (page - 1) * perPage }),
  };
}

/**
 * The instances of a workflow by their creation, newest first unless asked otherwise.
 *
 * Pages by number are what Cloudflare's SDK walks through, by cursor what wrangler does; a cursor stays
 * right while instances come and go.
 */
import { STATUSES } from "bullmq-workflows/internal";
import { z } from "zod";
import { invalidInput } from "../api-error.ts";
import { operation } from "../operation.ts";
import { DEFAULT_PER_PAGE, toResultInfo } from "../pagination.ts";
import { PageQuery, Status, WorkflowPath } from "../schemas.ts";
import { InstanceView, toInstanceView } from "../views/instance-view.ts";

const Day = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), { message: "must be an ISO 8601 date" })
  .meta({ format: "date-time" });

const Query = PageQuery.extend({
  status: Status.optional().describe("Only those in this status."),
  date_start: Day.optional().describe("Only those created then or later."),
  date_end: Day.optional().describe("Only those created then or earlier."),
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
  summary: "List instances, newest first",
  role: "view",
  path: WorkflowPath,
  query: Query,
  result: z.array(InstanceView),
  isPaged: true,
  handle: async ({ workflow, query }) => {
    const { record, store } = await workflow();
    const { page, per_page: perPage = DEFAULT_PER_PAGE } = query;
    const found = await store.list({
      ...toFilter(query),
      ...toPlace(query, perPage),
      limit: perPage,
    });
    const { instances, total, cursor } = found;
    const resultInfo = toResultInfo({ count: instances.length, perPage, total, page, cursor });
    return { result: instances.map((each) => toInstanceView(each, record)), resultInfo };
  },
});

function toFilter({ status, date_start: start, date_end: end }: z.output<typeof Query>) {
  const [createdFrom, createdTo] = [start, end].map((text) => text && Date.parse(text));
  if (createdFrom && createdTo && createdFrom > createdTo) {
    throw invalidInput("`date_start` is after `date_end`");
  }
  // A status that nothing has here is one that the store does not know.
  const statuses = STATUSES.filter((known) => known === status);
  return {
    ...(status !== undefined && { statuses }),
    ...(typeof createdFrom === "number" && { createdFrom }),
    ...(typeof createdTo === "number" && { createdTo }),
  };
}

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

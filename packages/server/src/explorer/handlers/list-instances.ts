/** The instances of a workflow, newest first, in pages by number. */
import { STATUSES } from "bullmq-workflows/internal";
import { z } from "zod";
import { ApiError } from "../../api-error.ts";
import { Day } from "../../instance-filter.ts";
import { operation } from "../../operation.ts";
import { DEFAULT_PER_PAGE, toResultInfo } from "../../pagination.ts";
import { Instant, PageQuery, Status, WorkflowPath } from "../../schemas.ts";
import { toIso } from "../../views/workflow-view.ts";

const Query = PageQuery.extend({
  status: Status.optional(),
  date_start: Day.optional(),
  date_end: Day.optional(),
});

const Item = z.object({ id: z.string(), status: Status, created_on: Instant });

export const listInstances = operation({
  id: "explorerListInstances",
  summary: "List instances, newest first",
  role: "view",
  path: WorkflowPath,
  query: Query,
  result: z.array(Item),
  isPaged: true,
  handle: async ({ workflow, query }) => {
    const { store } = await workflow();
    const { page = 1, per_page: perPage = DEFAULT_PER_PAGE } = query;
    const [found, counts] = await Promise.all([
      store.instances.list({ ...toFilter(query), skip: (page - 1) * perPage, limit: perPage }),
      store.instances.counts(),
    ]);
    const { instances, total } = found;
    const resultInfo = toResultInfo({ count: instances.length, perPage, total, page });
    return { result: instances.map(toItem), resultInfo: { ...resultInfo, status_counts: counts } };
  },
});

function toFilter({ status, date_start: start, date_end: end }: z.output<typeof Query>) {
  const createdFrom = start === undefined ? undefined : Date.parse(start);
  const createdTo = end === undefined ? undefined : Date.parse(end);
  if (createdFrom !== undefined && createdTo !== undefined && createdFrom > createdTo) {
    throw new ApiError(400, 10_502, "`date_start` is after `date_end`");
  }
  return {
    ...(status !== undefined && { statuses: STATUSES.filter((known) => known === status) }),
    ...(createdFrom !== undefined && { createdFrom }),
    ...(createdTo !== undefined && { createdTo }),
  };
}

function toItem(instance: {
  readonly id: string;
  readonly status: z.input<typeof Status>;
  readonly createdAt: number;
}): z.input<typeof Item> {
  const { id, status, createdAt } = instance;
  return { id, status, created_on: toIso(createdAt) };
}

/** Which instances are meant, as the API has it: in the query of a list, and in the body of a bulk action. */
import { SEARCHABLE_LIMIT, STATUSES, TAG_LIMIT, toListScope } from "bullmq-workflows/internal";
import type { ListScope } from "bullmq-workflows/internal";
import { z } from "zod";
import { invalidInput } from "./api-error.ts";
import { Status } from "./schemas.ts";

const Day = z
  .string()
  .max(64)
  .refine((text) => !Number.isNaN(Date.parse(text)), { message: "must be an ISO 8601 date" })
  .meta({ format: "date-time" });

const FieldValue = z.union([z.string(), z.number(), z.boolean()]);

/** Each one narrows it down. Of statuses one has to fit, of tags and params all. */
export const FILTER_SHAPE = {
  status: z.array(Status).max(20).optional(),
  tag: z.array(z.string().max(100)).max(TAG_LIMIT).optional(),
  id_prefix: z.string().min(1).max(271).optional(),
  error: z.string().min(1).max(500).optional(),
  params: z
    .record(z.string().max(100), FieldValue)
    .refine((fields) => Object.keys(fields).length <= SEARCHABLE_LIMIT, {
      message: `must have at most ${SEARCHABLE_LIMIT} fields`,
    })
    .optional(),
  date_start: Day.optional(),
  date_end: Day.optional(),
  ended_start: Day.optional(),
  ended_end: Day.optional(),
};

const Filter = z.object(FILTER_SHAPE);

export type InstanceFilter = z.output<typeof Filter>;

/**
 * What the store is asked for. The library says what is wrong with the rest.
 *
 * @param searchable the fields that the workflow declares.
 * @throws {@link ApiError} 400 | what {@link toListScope} throws
 */
export function toScope(filter: InstanceFilter, searchable: readonly string[] = []): ListScope {
  const { status, tag, id_prefix: idPrefix, error, params } = filter;
  const [createdFrom, createdTo] = toRange(filter, "date_start", "date_end");
  const [endedFrom, endedTo] = toRange(filter, "ended_start", "ended_end");
  return toListScope(
    {
      // A status that nothing has here is one that the store does not know.
      ...(status && { statuses: STATUSES.filter((known) => status.includes(known)) }),
      ...(tag && { tags: tag }),
      ...(params && { params }),
      ...(idPrefix !== undefined && { idPrefix }),
      ...(error !== undefined && { error }),
      ...(createdFrom !== undefined && { createdFrom }),
      ...(createdTo !== undefined && { createdTo }),
      ...(endedFrom !== undefined && { endedFrom }),
      ...(endedTo !== undefined && { endedTo }),
    },
    searchable,
  );
}

type Bound = "date_start" | "date_end" | "ended_start" | "ended_end";

function toRange(
  filter: InstanceFilter,
  start: Bound,
  end: Bound,
): readonly [number | undefined, number | undefined] {
  const [from, to] = [filter[start], filter[end]].map((text) =>
    text === undefined ? undefined : Date.parse(text),
  );
  if (from !== undefined && to !== undefined && from > to) {
    throw invalidInput(`\`${start}\` is after \`${end}\``);
  }
  return [from, to];
}

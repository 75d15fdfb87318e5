/** Which instances are meant, as the API has it: in the query of a list, and in the body of a bulk action. */
import { SEARCHABLE_LIMIT, STATUSES, TAG_LIMIT, toListScope } from "bullmq-workflows/internal";
import type { ListScope } from "bullmq-workflows/internal";
import { z } from "zod";
import { invalidInput } from "./api-error.ts";
import { Status } from "./schemas.ts";

/** An instant, or a day, as ISO 8601 has them. */
export const Day = z
  .string()
  .max(64)
  .refine((text) => !Number.isNaN(Date.parse(text)), { message: "must be an ISO 8601 date" })
  .meta({ format: "date-time", examples: ["2026-01-31T12:00:00Z"] });

const FieldValue = z.union([z.string(), z.number(), z.boolean()]);

const Tag = z
  .string()
  .max(100)
  .meta({ examples: ["vip"] });

function oneOrMore<Item extends z.ZodType>(item: Item, limit: number) {
  return z.union([item, z.array(item).max(limit)]).optional();
}

const Fields = z
  .record(z.string().max(100), FieldValue)
  .refine((fields) => Object.keys(fields).length <= SEARCHABLE_LIMIT, {
    message: `must have at most ${SEARCHABLE_LIMIT} fields`,
  });

/** Each one narrows it down. Of statuses one has to fit, of tags and params all. */
export const FILTER_SHAPE = {
  status: oneOrMore(Status, 20).describe("Only those in this status, or in one of these."),
  tag: oneOrMore(Tag, TAG_LIMIT).describe("Ours. Only those with this tag, or all of these."),
  id_prefix: z.string().min(1).max(271).optional().describe("Ours. Only those whose id begins so."),
  error: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      "Ours. Only those that errored with this in `name: message`, in upper or lower case.",
    ),
  params: Fields.optional().meta({
    description: "Ours. Only those with these values in fields of params that are searchable.",
    examples: [{}],
  }),
  date_start: Day.optional().describe("Only those created then or later."),
  date_end: Day.optional().describe("Only those created then or earlier."),
  ended_start: Day.optional().describe("Ours. Only those that ended then or later."),
  ended_end: Day.optional().describe("Ours. Only those that ended then or earlier."),
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
  const { id_prefix: idPrefix, error, params } = filter;
  const [status, tags] = [toList(filter.status), toList(filter.tag)];
  const [createdFrom, createdTo] = toRange(filter, "date_start", "date_end");
  const [endedFrom, endedTo] = toRange(filter, "ended_start", "ended_end");
  return toListScope(
    {
      // A status that nothing has here is one that the store does not know.
      ...(status && { statuses: STATUSES.filter((known) => status.includes(known)) }),
      ...(tags && { tags }),
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

function toList(given: string | string[] | undefined): readonly string[] | undefined {
  return typeof given === "string" ? [given] : given;
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

/**
 * All that is on record of an instance, oldest first, page by page. A cursor stays right while the history
 * grows; after a restart, which begins another one, it is refused.
 */
import { jsonView } from "bullmq-workflows/internal";
import { z } from "zod";
import { instanceNotFound, invalidInput } from "../api-error.ts";
import { operation } from "../operation.ts";
import { toResultInfo } from "../pagination.ts";
import { InstancePath } from "../schemas.ts";

const DEFAULT_ENTRIES = 100;

const CURSOR = /^(\d{1,16})-(\d{1,16})-(\d{1,9})$/;

/** Further fields are those of the entry's type. */
const HistoryEntry = z
  .looseObject({ index: z.number(), timestamp: z.number(), type: z.string() })
  .meta({ id: "HistoryEntry" });

interface Place {
  readonly createdAt: number;
  readonly edition: number;
  readonly from: number;
}

export const getHistory = operation({
  id: "getHistory",
  summary: "Get the history of an instance, entry by entry",
  role: "view",
  path: InstancePath,
  query: z.object({
    cursor: z
      .string()
      .regex(CURSOR, "is none that a page came with")
      .optional()
      .describe("Where the page before ended."),
    per_page: z.coerce
      .number()
      .int()
      .min(1)
      .max(DEFAULT_ENTRIES)
      .optional()
      .describe("Entries on a page, at most; 100 if not said."),
  }),
  result: z.array(HistoryEntry),
  isPaged: true,
  handle: async ({ workflow, path, query }) => {
    const { readHistory } = await workflow();
    const { cursor, per_page: limit = DEFAULT_ENTRIES } = query;
    const place = cursor === undefined ? undefined : parseCursor(cursor);
    const from = place?.from ?? 0;
    const page = await readHistory({ instanceId: path.instance_id, from, limit });
    if (!page) throw instanceNotFound();
    const { createdAt, edition, length, entries } = page;
    if (place && (place.createdAt !== createdAt || place.edition !== edition)) {
      throw invalidInput("`cursor` is of a history that a restart has replaced; begin again");
    }
    const next = from + entries.length;
    const resultInfo = toResultInfo({
      count: entries.length,
      perPage: limit,
      total: length,
      cursor: next < length ? `${createdAt}-${edition}-${next}` : undefined,
    });
    return {
      result: entries.map((entry) => jsonView(entry) as z.input<typeof HistoryEntry>),
      resultInfo,
    };
  },
});

function parseCursor(cursor: string): Place {
  const [, createdAt, edition, from] = CURSOR.exec(cursor) ?? [];
  return { createdAt: Number(createdAt), edition: Number(edition), from: Number(from) };
}

/** Listing and counting instances by status. */
import { isCountable, isSearch, statusesOf } from "../engine/ports/listing.ts";
import type { InstancePage, InstanceSummary, ListRequest } from "../engine/ports/listing.ts";
import { errorMentions } from "../model/error-search.ts";
import { EXAMINED_LIMIT } from "../model/limits.ts";
import { STATUSES } from "../model/status.ts";
import type { InstanceStatus } from "../model/status.ts";
import type { MemoryPartition } from "./memory-partition.ts";
import { toSummary } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import { comparePlaced } from "./places.ts";
import type { Placed } from "./places.ts";

const CURSOR = /^(\d+):(.+)$/s;

/** The cursor says where the page ended, so instances may come and go between pages. */
export function list(partition: MemoryPartition, request: ListRequest): InstancePage {
  if (isSearch(request)) return search(partition, request);
  const { statuses = STATUSES, limit, skip = 0 } = request;
  const all = statuses.flatMap((status) => partition.withStatus(status).toArray());
  const { rest, count } = inOrder(all, request);
  const left = rest.slice(skip).flatMap((placed) => {
    const state = partition.instances.get(placed.id);
    return state ? [{ placed, state }] : [];
  });
  const page = left.slice(0, limit);
  const last = page.at(-1);
  return {
    instances: page.map(({ state }) => toSummary(state)),
    total: count,
    ...(last && left.length > limit && { cursor: toCursor(last.placed) }),
  };
}

/** Looks at so many and no more, as in Redis. */
function search(partition: MemoryPartition, request: ListRequest): InstancePage {
  const { labels = [], limit } = request;
  const lists = labels.map((label) => partition.withLabel(label).toArray());
  const byStatus = statusesOf(request).flatMap((status) => partition.withStatus(status).toArray());
  const fewest = lists.reduce((best, each) => (each.length < best.length ? each : best), byStatus);
  const { rest, count } = inOrder(fewest, request);
  const instances: InstanceSummary[] = [];
  let looked = 0;
  while (looked < Math.min(rest.length, EXAMINED_LIMIT) && instances.length < limit) {
    const state = partition.instances.get(rest[looked]?.id ?? "");
    if (state && isMeant(state, request)) instances.push(toSummary(state));
    looked++;
  }
  const last = rest[looked - 1];
  return {
    instances,
    ...(isCountable(request) && { total: count }),
    ...(last && looked < rest.length && { cursor: toCursor(last) }),
  };
}

function isMeant(state: InstanceState, request: ListRequest): boolean {
  const { statuses = STATUSES, labels = [], idPrefix = "", error } = request;
  const { endedFrom = -Infinity, endedTo = Infinity } = request;
  const isAnyEnd = request.endedFrom === undefined && request.endedTo === undefined;
  const { created, status, endedAt = Number.NaN } = state;
  return (
    statuses.includes(status) &&
    labels.every((label) => created.labels?.includes(label)) &&
    created.id.startsWith(idPrefix) &&
    (isAnyEnd || (endedAt >= endedFrom && endedAt <= endedTo)) &&
    (error === undefined || (state.error !== undefined && errorMentions(state.error, error)))
  );
}

/** Those in the range: how many, and the rest after the cursor. */
function inOrder(
  placed: readonly Placed[],
  { cursor, createdFrom = -Infinity, createdTo = Infinity, first = "newest" }: ListRequest,
): { readonly rest: readonly Placed[]; readonly count: number } {
  const direction = first === "newest" ? -1 : 1;
  const all = placed
    .filter(({ score }) => score >= createdFrom && score <= createdTo)
    .toSorted((a, b) => direction * comparePlaced(a, b));
  const end = cursor === undefined ? undefined : parseCursor(cursor);
  const rest = end ? all.filter((each) => direction * comparePlaced(each, end) > 0) : all;
  return { rest, count: all.length };
}

function toCursor({ score, id }: Placed): string {
  return `${score}:${id}`;
}

export function counts(partition: MemoryPartition): Readonly<Record<InstanceStatus, number>> {
  const entries = STATUSES.map((status) => [status, partition.withStatus(status).size]);
  return Object.fromEntries(entries) as Record<InstanceStatus, number>;
}

function parseCursor(cursor: string): Placed {
  const [, createdAt, id] = CURSOR.exec(cursor) ?? [];
  if (createdAt === undefined || id === undefined) {
    throw new RangeError(`Expected a cursor that a page of this list came with, got "${cursor}"`);
  }
  return { id, score: Number(createdAt), tie: 0 };
}

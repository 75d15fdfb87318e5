/** Listing and counting instances by status. */
import type { InstancePage, ListRequest } from "../engine/list-ports.ts";
import { STATUSES } from "../model/status.ts";
import type { InstanceStatus } from "../model/status.ts";
import type { MemoryPartition } from "./memory-partition.ts";
import { toSummary } from "./instance-state.ts";
import { comparePlaced } from "./places.ts";
import type { Placed } from "./places.ts";

const CURSOR = /^(\d+):(.+)$/s;

/** The cursor says where the page ended, so instances may come and go between pages. */
export function list(partition: MemoryPartition, request: ListRequest): InstancePage {
  const { statuses = STATUSES, limit, cursor, skip = 0, first = "newest" } = request;
  const { createdFrom = -Infinity, createdTo = Infinity } = request;
  const direction = first === "newest" ? -1 : 1;
  const all = statuses
    .flatMap((status) => partition.withStatus(status).toArray())
    .filter(({ score }) => score >= createdFrom && score <= createdTo)
    .toSorted((a, b) => direction * comparePlaced(a, b));
  const end = cursor === undefined ? undefined : parseCursor(cursor);
  const rest = end ? all.filter((placed) => direction * comparePlaced(placed, end) > 0) : all;
  const page = rest.slice(skip, skip + limit);
  const last = page.at(-1);
  return {
    instances: page.flatMap(({ id }) => {
      const state = partition.instances.get(id);
      return state ? [toSummary(state)] : [];
    }),
    total: all.length,
    ...(last && rest.length > skip + limit && { cursor: `${last.score}:${last.id}` }),
  };
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

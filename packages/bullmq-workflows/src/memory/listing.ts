/** Listing and counting instances by status. */
import type { InstancePage, ListRequest } from "../engine/ports.ts";
import { STATUSES } from "../model/status.ts";
import type { InstanceStatus } from "../model/status.ts";
import type { MemoryPartition } from "./memory-partition.ts";
import type { Placed } from "./places.ts";

const CURSOR = /^(\d+):(.+)$/s;

/** Newest first. The cursor says where the page ended, so instances may come and go between pages. */
export function list(partition: MemoryPartition, request: ListRequest): InstancePage {
  const end = request.cursor === undefined ? undefined : parseCursor(request.cursor);
  const found = partition.withStatus(request.status).before(end, request.limit + 1);
  const page = found.slice(0, request.limit);
  const ids = page.map(({ id }) => id);
  const last = page.at(-1);
  const isMore = found.length > page.length;
  return last !== undefined && isMore ? { ids, cursor: `${last.score}:${last.id}` } : { ids };
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

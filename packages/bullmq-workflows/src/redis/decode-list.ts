/** Turns the replies of the scripts that list instances into pages. */
import { isCountable } from "../engine/ports/listing.ts";
import type { InstancePage, InstanceSummary, ListRequest } from "../engine/ports/listing.ts";
import { errorMentions } from "../model/error-search.ts";
import type { InstanceStatus } from "../model/status.ts";
import { triggerOf } from "../model/trigger.ts";
import { decodeLabels } from "./decode.ts";
import type { Reply } from "./script.ts";

type Replies = readonly Reply[];

export interface Position {
  readonly createdAt: string;
  readonly id: string;
}

/** Where a page ended. Without a cursor: nowhere yet. */
export function parseCursor(cursor: string | undefined): Position {
  if (cursor === undefined) return { createdAt: "", id: "" };
  const [, createdAt, id] = /^(\d+):(.+)$/s.exec(cursor) ?? [];
  if (createdAt === undefined || id === undefined) {
    throw new RangeError(`Expected a cursor that a page of this list came with, got "${cursor}"`);
  }
  return { createdAt, id };
}

export function decodePage(reply: Replies): InstancePage {
  const [, total, afterCreatedAt, afterId] = reply;
  return {
    instances: decodeSummaries(reply, 4),
    total: Number(total),
    ...cursorAfter(afterCreatedAt, afterId),
  };
}

function cursorAfter(createdAt: Reply | undefined, id: Reply | undefined): { cursor?: string } {
  return id === "" ? {} : { cursor: `${String(createdAt)}:${String(id)}` };
}

/** The script has found out of most errors that the text is not in them, but not that it is. */
export function decodeSearch(reply: Replies, request: ListRequest): InstancePage {
  const [, total, afterCreatedAt, afterId, errors] = reply;
  const { error: text } = request;
  const found = decodeSummaries(reply, 5);
  const isMeant = (index: number): boolean =>
    text === undefined || errorMentions(String((errors as Replies)[index]), text);
  return {
    instances: found.filter((_, index) => isMeant(index)),
    ...(isCountable(request) && { total: Number(total) }),
    ...cursorAfter(afterCreatedAt, afterId),
  };
}

const SUMMARY_LENGTH = 10;

function decodeSummaries(reply: Replies, from: number): InstanceSummary[] {
  const instances: InstanceSummary[] = [];
  for (let at = from; at < reply.length; at += SUMMARY_LENGTH) {
    instances.push(decodeSummary(reply.slice(at, at + SUMMARY_LENGTH)));
  }
  return instances;
}

/** As lib/summary.lua has it. */
function decodeSummary(reply: Replies): InstanceSummary {
  const [id, status, createdAt, startedAt, endedAt, changedAt, nonce, ...more] = reply;
  const [priority, labels, delayedUntil] = more;
  return {
    id: String(id),
    status: status as InstanceStatus,
    createdAt: Number(createdAt),
    ...(startedAt && { startedAt: Number(startedAt) }),
    ...(endedAt && { endedAt: Number(endedAt) }),
    changedAt: Number(changedAt),
    trigger: triggerOf(String(nonce)),
    priority: Number(priority),
    ...(labels && { labels: decodeLabels(labels) }),
    ...(delayedUntil && !startedAt && { delayedUntil: Number(delayedUntil) }),
  };
}

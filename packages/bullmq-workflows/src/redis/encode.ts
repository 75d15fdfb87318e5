/** Turns what the store's contract has into the arguments of the scripts. */
import type {
  ClaimRequest,
  FencedWrite,
  FinishRollbackRequest,
} from "../engine/ports/activations.ts";
import type { OnceMark, RestartRequest } from "../engine/ports/commands.ts";
import type { StoredEntry } from "../engine/ports/history.ts";
import type { KnownInstance } from "../engine/ports/reassertion.ts";
import { statusesOf } from "../engine/ports/listing.ts";
import type { ListRequest } from "../engine/ports/listing.ts";
import { plainPartOf } from "../model/error-search.ts";
import type { StreamReference } from "../model/history.ts";
import { EXAMINED_LIMIT } from "../model/limits.ts";
import { STATUSES } from "../model/status.ts";
import { encodeEvent } from "./decode.ts";
import { parseCursor } from "./decode-list.ts";
import type {
  ClaimInstanceArgs,
  ListInstancesArgs,
  ReassertHistoryArgs,
  RestartFromArgs,
  SearchInstancesArgs,
} from "./scripts.generated.ts";

export function encodeList(request: ListRequest): ListInstancesArgs {
  return { ...encodePage(request), skip: request.skip ?? 0 };
}

export function encodeSearch(request: ListRequest): SearchInstancesArgs {
  const { labels = [], idPrefix = "", error, endedFrom = "", endedTo = "" } = request;
  return {
    ...encodePage(request),
    anyStatus: statusesOf(request) === STATUSES ? 1 : 0,
    labels,
    idPrefix,
    endedFrom,
    endedTo,
    error: error === undefined ? [] : [plainPartOf(error)],
    examined: EXAMINED_LIMIT,
  };
}

function encodePage(request: ListRequest): Omit<ListInstancesArgs, "skip"> {
  const after = parseCursor(request.cursor);
  return {
    statuses: statusesOf(request),
    limit: request.limit,
    afterCreatedAt: after.createdAt,
    afterId: after.id,
    from: request.createdFrom ?? "",
    to: request.createdTo ?? "",
    newestFirst: request.first === "oldest" ? 0 : 1,
  };
}

export function encodeClaim(request: ClaimRequest): ClaimInstanceArgs {
  return {
    id: request.instanceId,
    worker: request.workerId,
    leaseMs: request.leaseMs,
    nonce: request.nonce,
    heldFence: request.held?.fence ?? "",
    heldEntries: request.held?.entries ?? 0,
    early: request.early ? 1 : 0,
  };
}

/** What every write of an activation carries. One by one: to spread it takes longer, for each of them. */
export function encodeWrite({
  instanceId,
  fence,
  commit,
  after,
  entries,
  consumed,
  seenEvent,
}: FencedWrite): Omit<FencedWrite, "instanceId" | "barrier"> & { readonly id: string } {
  return { id: instanceId, fence, commit, after, entries, consumed, seenEvent };
}

export function encodeRollbackEnd(write: FinishRollbackRequest): ReturnType<typeof encodeWrite> & {
  readonly status: string;
  readonly result: readonly string[];
  readonly ending: readonly string[];
} {
  const { result, ending } = write;
  return {
    ...encodeWrite(write),
    status: result.status,
    result: result.status === "errored" ? [result.error] : [],
    ending: ending === undefined ? [] : [ending],
  };
}

/** Streams, and of each what the store has of it when it has all. */
export function encodeStreams(streams: readonly StreamReference[]): {
  readonly streams: readonly string[];
  readonly sizes: readonly string[];
} {
  return {
    streams: streams.map(({ id }) => id),
    sizes: streams.map(({ chunks, bytes }) => `${chunks} ${bytes}`),
  };
}

export function encodeKnown(known: KnownInstance): ReassertHistoryArgs {
  const { held } = known;
  return {
    id: known.instanceId,
    fence: known.fence,
    unused: known.unused ?? "",
    createdAt: known.createdAt ?? "",
    ageMs: known.ageMs,
    lastEvent: known.lastEvent,
    lastEventAt: known.lastEventAt,
    known: known.entries,
    consumers: placesOf(held, ({ consumed }) => consumed),
    consumed: held.flatMap(({ consumed }) => (consumed ? [encodeEvent(consumed)] : [])),
    keepers: placesOf(held, ({ stream }) => stream),
    ...encodeStreams(held.flatMap(({ stream }) => stream ?? [])),
    held: held.map(encodeEntry),
  };
}

export function encodeRestart(request: RestartRequest): RestartFromArgs {
  const { instanceId, length, last, prefix, rest, droppedStreams } = request;
  const kept = { length, last: encodeEntry(last), prefix, rest: rest.map(encodeEntry) };
  return { id: instanceId, ...kept, ...encodeStreams(droppedStreams) };
}

/** As the scripts append it. */
function encodeEntry({ at, text }: StoredEntry): string {
  return `${at}${text}`;
}

/** Which of the items have something, counted from 1. */
function placesOf<Item>(items: readonly Item[], find: (item: Item) => unknown): readonly number[] {
  return items.flatMap((item, index) => (find(item) === undefined ? [] : [index + 1]));
}

export function encodeOnce(once: OnceMark | undefined): (string | number)[] {
  return once ? [once.job, once.turn] : [];
}

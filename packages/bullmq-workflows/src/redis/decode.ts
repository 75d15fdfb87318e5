/** Turns the replies of the scripts into values of the store's contract. */
import type {
  BufferedEvent,
  Claim,
  ClaimOutcome,
  ClaimRefusal,
  CommitOutcome,
  FinishOutcome,
  News,
  ReleaseOutcome,
  RenewOutcome,
  SettlePauseOutcome,
  SuspendOutcome,
} from "../engine/ports/activations.ts";
import type { CommandOutcome, RestartOutcome } from "../engine/ports/commands.ts";
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { HistoryPage, StoredEntry } from "../engine/ports/history.ts";
import type { CreateOutcome, InstanceRecord } from "../engine/ports/instances.ts";
import type { ConsumedEvent, ReassertOutcome } from "../engine/ports/reassertion.ts";
import type { DueOutcome } from "../engine/ports/sweeps.ts";
import { rollbackOutcomeOf } from "../model/history.ts";
import type { RollbackOutcome } from "../model/history.ts";
import { STATUSES } from "../model/status.ts";
import type { InstanceStatus } from "../model/status.ts";
import { triggerOf } from "../model/trigger.ts";
import type { Reply } from "./script.ts";

type Replies = readonly Reply[];

const STALE = { type: "stale" } as const;
const NO_EVENTS: readonly BufferedEvent[] = [];

/** The first item of every reply says what kind it is. */
function unexpected(reply: Replies): never {
  throw new Error(`A script gave an answer that is not in its contract: ${JSON.stringify(reply)}`);
}

/** Requests are the rest of a reply: an id, a wake-up number and a rank each. */
export function decodeRequests(reply: Replies, from: number): readonly ActivationRequest[] {
  const requests: ActivationRequest[] = [];
  for (let at = from; at < reply.length; at += 3) {
    const [instanceId, wakeUp, rank] = [reply[at], reply[at + 1], reply[at + 2]];
    requests.push({ instanceId: String(instanceId), wakeUp: Number(wakeUp), rank: Number(rank) });
  }
  return requests;
}

/** When it was written, and what became runnable through it. */
function decodeEnding(reply: Replies): {
  readonly at: number;
  readonly requests: readonly ActivationRequest[];
} {
  return { at: Number(reply[1]), requests: decodeRequests(reply, 2) };
}

/** News is the rest of a reply: a flag, the newest event's number, and number and text of each event. */
function decodeNews(reply: Replies, from: number): News {
  return {
    isPauseRequested: reply[from] === 1,
    lastEvent: Number(reply[from + 1]),
    events: reply.length > from + 2 ? decodeEvents(reply.slice(from + 2)) : NO_EVENTS,
  };
}

export function decodeEntries(reply: Replies): readonly StoredEntry[] {
  return reply.map((item) => {
    const text = String(item);
    const start = endOfInstant(text);
    return { at: Number(text.slice(0, start)), text: text.slice(start) };
  });
}

export function decodeSettledPause(reply: Replies): SettlePauseOutcome {
  if (reply[0] === "stale") return STALE;
  if (reply[0] === "paused") return { type: "paused", ...decodeEnding(reply) };
  return { type: "resumed", at: Number(reply[1]), news: decodeNews(reply, 2) };
}

export function decodeRelease(reply: Replies): ReleaseOutcome {
  return reply[0] === "stale" ? STALE : { type: "released", ...decodeEnding(reply) };
}

export function decodeCreation(reply: Replies): CreateOutcome {
  if (reply[0] === "exists") return { type: "exists" };
  return { type: "created", requests: decodeRequests(reply, 1) };
}

export function decodeClaim(reply: Replies): ClaimOutcome {
  if (reply[0] === "refused") return { type: "refused", reason: reply[1] as ClaimRefusal };
  return { type: "claimed", claim: toClaim(reply) };
}

export function decodeCommit(reply: Replies): CommitOutcome {
  if (reply[0] === "stale") return STALE;
  return { type: "committed", at: Number(reply[1]), news: decodeNews(reply, 2) };
}

export function decodeSuspend(reply: Replies): SuspendOutcome {
  if (reply[0] === "stale") return STALE;
  if (reply[0] === "arrived") return { type: "arrived", news: decodeNews(reply, 1) };
  return { type: "suspended", ...decodeEnding(reply) };
}

export function decodeFinish(reply: Replies): FinishOutcome {
  return reply[0] === "stale" ? STALE : { type: "finished", ...decodeEnding(reply) };
}

export function decodeRenewal(reply: Replies): RenewOutcome {
  return reply[0] === "stale" ? STALE : { type: "renewed", news: decodeNews(reply, 1) };
}

function toClaim(reply: Replies): Claim {
  const [, fence, now, createdAt, isContinuation, isAfterCrash, lastEvent, list, events] = reply;
  const [params, ...entries] = list as Replies;
  return {
    fence: Number(fence),
    now: Number(now),
    params: String(params),
    createdAt: Number(createdAt),
    isContinuation: isContinuation === 1,
    history: decodeEntries(entries),
    events: decodeEvents(events as Replies),
    lastEvent: Number(lastEvent),
    isAfterCrash: isAfterCrash === 1,
  };
}

export function decodeCommand(reply: Replies): CommandOutcome {
  switch (reply[0]) {
    case "done":
      return { type: "done", requests: decodeRequests(reply, 1) };
    case "refused":
      return { type: "refused", status: reply[1] as InstanceStatus };
    case "missing":
      return { type: "missing" };
    default:
      return unexpected(reply);
  }
}

export function decodeRestart(reply: Replies): RestartOutcome {
  return reply[0] === "changed" ? { type: "changed" } : decodeCommand(reply);
}

/** How many instances are in each status, in the order of the statuses. */
export function decodeCounts(reply: Replies): Readonly<Record<InstanceStatus, number>> {
  const counts = STATUSES.map((status, index) => [status, Number(reply[index + 1])]);
  return Object.fromEntries(counts) as Record<InstanceStatus, number>;
}

export function decodeDue(reply: Replies): DueOutcome {
  const [, now, nextAt] = reply;
  return {
    requests: decodeRequests(reply, 3),
    now: Number(now),
    ...(nextAt !== "" && { nextAt: Number(nextAt) }),
  };
}

export function decodeReassertion(reply: Replies): ReassertOutcome {
  switch (reply[0]) {
    case "kept":
      return { type: "kept" };
    case "reasserted":
      return {
        type: "reasserted",
        restored: Number(reply[1]),
        requests: decodeRequests(reply, 2),
      };
    case "flagged":
      return {
        type: "flagged",
        lost: Number(reply[1]),
        status: reply[2] as InstanceStatus,
        requests: decodeRequests(reply, 3),
      };
    case "missing":
      return { type: "missing" };
    default:
      return unexpected(reply);
  }
}

export function decodeRecord(id: string, reply: Replies): InstanceRecord {
  const [, status, params, priority, createdAt, startedAt, endedAt, result, ...more] = reply;
  const [wakeUp, fence, ending, nonce, labels, delayedUntil] = more;
  return {
    id,
    status: status as InstanceStatus,
    params: String(params),
    priority: Number(priority),
    createdAt: Number(createdAt),
    trigger: triggerOf(String(nonce)),
    ...(labels && { labels: decodeLabels(labels) }),
    ...(delayedUntil && !startedAt && { delayedUntil: Number(delayedUntil) }),
    ...(startedAt && { startedAt: Number(startedAt) }),
    ...(endedAt && { endedAt: Number(endedAt) }),
    ...(status === "complete" && { output: String(result) }),
    ...(status === "errored" && { error: String(result) }),
    ...(ending && { rollback: toRollbackOutcome(String(ending)) }),
    ...((wakeUp || fence) && { lastNumber: Math.max(Number(wakeUp), Number(fence)) }),
  };
}

/** One per line. */
export function decodeLabels(labels: Reply): readonly string[] {
  return String(labels).split("\n");
}

export function decodeHistoryPage(reply: Replies): HistoryPage {
  const [, nonce, edition, createdAt, startedAt, startedAfter, params, length, result] = reply;
  return {
    nonce: String(nonce),
    edition: Number(edition),
    createdAt: Number(createdAt),
    ...(startedAt && { startedAt: Number(startedAt) }),
    startedAfter: Number(startedAfter),
    ...(params && { params: String(params) }),
    entries: decodeEntries(reply.slice(9)),
    length: Number(length),
    ...(result && { result: String(result) }),
  };
}

function toRollbackOutcome(item: string): RollbackOutcome {
  return rollbackOutcomeOf(item.slice(endOfInstant(item)));
}

/** `<at> <type>`, then maybe ` <payload>`. Neither of the first two has a space in it. */
function decodeEvent(seq: number, text: string): BufferedEvent {
  const typeStart = text.indexOf(" ") + 1;
  const typeEnd = text.indexOf(" ", typeStart);
  const at = Number(text.slice(0, typeStart));
  if (typeEnd < 0) return { seq, at, type: text.slice(typeStart) };
  return { seq, at, type: text.slice(typeStart, typeEnd), payload: text.slice(typeEnd + 1) };
}

/** As the script that keeps an event writes it. */
export function encodeEvent({ at, type, payload }: ConsumedEvent): string {
  return payload === undefined ? `${at} ${type}` : `${at} ${type} ${payload}`;
}

function decodeEvents(reply: Replies): readonly BufferedEvent[] {
  const events: BufferedEvent[] = [];
  for (let at = 0; at < reply.length; at += 2) {
    events.push(decodeEvent(Number(reply[at]), String(reply[at + 1])));
  }
  // A hash has no order.
  return events.toSorted((a, b) => a.seq - b.seq);
}

function endOfInstant(text: string): number {
  let end = 0;
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  return end;
}

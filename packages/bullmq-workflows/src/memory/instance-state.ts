/**
 * One instance as the in-memory store keeps it: the fields of its Redis hash, its history, its events.
 *
 * This is the only mutable record here, and it never leaves the store: what callers get are frozen
 * values or copies.
 */
import type { InstanceSummary } from "../engine/ports/listing.ts";
import type { BufferedEvent, News } from "../engine/ports/activations.ts";
import type { StoredEntry } from "../engine/ports/history.ts";
import type { InstanceRecord, NewInstance } from "../engine/ports/instances.ts";
import { isAboutInstance, rollbackOutcomeOf } from "../model/history.ts";
import { IDS_PER_ENTRY } from "../model/instance-events.ts";
import type { Payload } from "../model/payload.ts";
import type { ScheduleOverlap } from "../model/schedule.ts";
import type { InstanceStatus } from "../model/status.ts";
import type { Streams } from "./streams.ts";
import { triggerOf } from "../model/trigger.ts";

/** Which schedule started an instance, and how it is with those before it. */
export interface Line {
  readonly schedule: string;
  readonly overlap: ScheduleOverlap;
}

export interface InstanceState {
  readonly created: NewInstance;
  /** Absent when somebody created it. */
  readonly line: Line | undefined;
  readonly createdAt: number;
  status: InstanceStatus;
  startedAt: number | undefined;
  endedAt: number | undefined;
  output: Payload | undefined;
  error: Payload | undefined;
  /** It began to roll back. */
  hasRollback: boolean;
  /** The entry that says how the rollback ended. */
  rollbackEnding: string | undefined;
  /** 0 until the first claim. */
  fence: number;
  /** The newest write under the current fence, and when it was made. */
  commit: number;
  committedAt: number;
  /** 0 until it is runnable for the first time. */
  wakeUp: number;
  worker: string | undefined;
  claimNonce: string | undefined;
  /** The end of a delayed start, until it starts. */
  delayedUntil: number | undefined;
  pausedAt: number | undefined;
  wakeAt: number | undefined;
  awaits: readonly string[];
  /** Its lease ran out: since it was taken back, and while the next activation has it. */
  orphan: "adopted" | "claimed" | undefined;
  /** What was known of it under an older fence is no measure any more. 0 if there is no such fence. */
  baseline: number;
  /** It was flagged for who knew it under this fence, as having lost so many entries. */
  flag: { readonly fence: number; readonly lost: number } | undefined;
  /** How many entries there were when it started. */
  startedAfter: number;
  /** Until then who listens is told of changes to its history. */
  watchedUntil: number;
  /** Ids of instance events up to this one may be taken. */
  lastId: number;
  eventSeq: number;
  events: Map<number, BufferedEvent>;
  history: StoredEntry[];
  streams: Streams;
}

export function createState(created: NewInstance, now: number, line?: Line): InstanceState {
  return {
    created: Object.freeze({ ...created }),
    line,
    createdAt: now,
    status: "queued",
    wakeUp: 0,
    ...blankState(),
    fence: 0,
    baseline: 0,
    watchedUntil: 0,
    lastId: 0,
  };
}

export function copyState(state: InstanceState): InstanceState {
  return {
    ...state,
    events: new Map(state.events),
    history: [...state.history],
    streams: new Map(state.streams),
  };
}

/** Everything that a restart forgets. */
export function blankState(): Omit<
  InstanceState,
  | "created"
  | "line"
  | "createdAt"
  | "status"
  | "wakeUp"
  | "fence"
  | "baseline"
  | "watchedUntil"
  | "lastId"
> {
  return {
    startedAt: undefined,
    startedAfter: 0,
    endedAt: undefined,
    output: undefined,
    error: undefined,
    hasRollback: false,
    rollbackEnding: undefined,
    commit: 0,
    committedAt: 0,
    worker: undefined,
    claimNonce: undefined,
    delayedUntil: undefined,
    pausedAt: undefined,
    wakeAt: undefined,
    awaits: [],
    orphan: undefined,
    flag: undefined,
    eventSeq: 0,
    events: new Map(),
    history: [],
    streams: new Map(),
  };
}

/** Whether some worker holds it. */
export function isLeased(state: InstanceState): boolean {
  return state.worker !== undefined;
}

/** Notes that ids are taken which so many entries more can have given, and answers with the last of them. */
export function takeIds(state: InstanceState, entries: number): number {
  state.lastId += IDS_PER_ENTRY * entries;
  return state.lastId;
}

/** Takes the ids that an entry says are taken: it is put back, and what noted it is lost. */
export function retakeIds(state: InstanceState, text: string): void {
  if (!isAboutInstance(text) && !text.startsWith('{"type":"history_cut"')) return;
  const { lastId = 0, known } = JSON.parse(text) as { lastId?: number; known?: number };
  state.lastId = Math.max(state.lastId, lastId);
  if (known !== undefined) takeIds(state, known + 1);
}

/** 0 once it ran: what was woken goes before what is new. */
export function rankOf(state: InstanceState): number {
  return state.startedAt === undefined ? state.created.priority : 0;
}

export function newsFor(state: InstanceState, seenEvent: number): News {
  const events = [...state.events.values()].filter((event) => event.seq > seenEvent);
  return {
    isPauseRequested: state.status === "waitingForPause",
    events,
    lastEvent: state.eventSeq,
  };
}

export function toRecord(state: InstanceState): InstanceRecord {
  const { startedAt, endedAt, output, error, rollbackEnding } = state;
  const { labels } = state.created;
  const lastNumber = Math.max(state.wakeUp, state.fence);
  return {
    id: state.created.id,
    status: state.status,
    params: state.created.params,
    priority: state.created.priority,
    createdAt: state.createdAt,
    trigger: triggerOf(state.created.nonce),
    ...(labels && { labels }),
    ...delayOf(state),
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(rollbackEnding !== undefined && { rollback: rollbackOutcomeOf(rollbackEnding) }),
    ...(lastNumber > 0 && { lastNumber }),
  };
}

export function toSummary(state: InstanceState): InstanceSummary {
  const { createdAt, startedAt, committedAt, pausedAt, endedAt } = state;
  const { labels, priority } = state.created;
  const changes = [createdAt, startedAt, committedAt, pausedAt, endedAt];
  return {
    id: state.created.id,
    status: state.status,
    createdAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    changedAt: Math.max(...changes.map((at) => at ?? 0)),
    trigger: triggerOf(state.created.nonce),
    priority,
    ...(labels && { labels }),
    ...delayOf(state),
  };
}

function delayOf({ startedAt, delayedUntil }: InstanceState): { readonly delayedUntil?: number } {
  return startedAt === undefined && delayedUntil !== undefined ? { delayedUntil } : {};
}

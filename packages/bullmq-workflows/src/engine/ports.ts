/**
 * What the engine needs from outside, in its own words: a store, a dispatcher, a clock, telemetry.
 *
 * A {@link Store} holds the instances of one workflow. Its verbs are whole, atomic transitions: each
 * either happens with everything that belongs to it (status, indices, wake-ups, slot) or not at all.
 * Expected refusals are values; only the unexpected throws. Verbs that carry a fence change nothing
 * when it is no longer the current one (I2), and may be repeated: a repeat with the same
 * {@link FencedWrite.commit} number answers as the first did and writes nothing.
 *
 * All instants are epoch milliseconds of the store's own clock, which alone decides what is due.
 * Verbs that make instances runnable answer with the {@link ActivationRequest}s to dispatch; when
 * the caller dies before it does, {@link Store.redispatch} finds them again (I3).
 */
import type { Barrier } from "../model/barrier.ts";
import type { RollbackOutcome, StreamReference } from "../model/history.ts";
import type { KeptHistory } from "../model/restart-point.ts";
import type { InstanceStatus } from "../model/status.ts";
import type { Payload } from "../model/payload.ts";
import type { IncomingEvent, OnceMark } from "./command-ports.ts";
import type { InsightStore } from "./insight-ports.ts";
import type { InstancePage, ListRequest } from "./list-ports.ts";
import type { RollbackStore } from "./rollback-ports.ts";
import type { Alarm, Ring, ScheduleStore } from "./schedule-ports.ts";
import type { StreamStore } from "./stream-ports.ts";
import type { Trigger } from "../model/trigger.ts";

/** A history entry as stored: when it was appended, and its JSON text. */
export interface StoredEntry {
  readonly at: number;
  readonly text: string;
}

/** An event that no wait has consumed yet. `seq` grows by one per event of an instance. */
export interface BufferedEvent {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  /** Absent when the event was sent without a payload. */
  readonly payload?: Payload;
}

/** Asks that some worker runs an instance. `wakeUp` makes asking twice harmless. */
export interface ActivationRequest {
  readonly instanceId: string;
  readonly wakeUp: number;
  /** 0 for an instance that ran before: it goes ahead of new ones. Else the priority it was created with. */
  readonly rank: number;
}

/** How long a finished instance is kept, in ms. */
export interface Retention {
  readonly successMs: number;
  readonly errorMs: number;
}

export interface NewInstance {
  readonly id: string;
  readonly params: Payload;
  /** Lower goes first. */
  readonly priority: number;
  /** Milliseconds until it may start; 0 starts it now. */
  readonly delayMs: number;
  readonly retention: Retention;
  /** Tells a repeated create from another caller's, and what it was triggered by: see `model/trigger.ts`. */
  readonly nonce: string;
  /** What it can be found by: see `model/labels.ts`. Absent if there is nothing. */
  readonly labels?: readonly string[];
}

export type CreateOutcome =
  | { readonly type: "created"; readonly requests: readonly ActivationRequest[] }
  | { readonly type: "exists" };

/** What the store says of one instance, without its history. */
export interface InstanceRecord {
  readonly id: string;
  readonly status: InstanceStatus;
  readonly params: Payload;
  readonly priority: number;
  readonly createdAt: number;
  /** What created it. */
  readonly trigger: Trigger;
  /** What it can be found by; absent if there is nothing. */
  readonly labels?: readonly string[];
  /** When its delayed start is due; absent once it has started. */
  readonly delayedUntil?: number;
  /** When it was first claimed. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Present when `complete`. */
  readonly output?: Payload;
  /** Present when `errored`. */
  readonly error?: Payload;
  /** How its rollback ended; absent when there was none to end. */
  readonly rollback?: RollbackOutcome;
  /**
   * The last number drawn for it, of a fence or a wake-up; absent as long as there is none. Whatever
   * happened under a lower fence came before this.
   */
  readonly lastNumber?: number;
}

export interface HistoryRequest {
  readonly instanceId: string;
  /** How many entries to leave out. */
  readonly from: number;
  /** At most so many are answered; fewer when they are large. */
  readonly limit: number;
  /**
   * For so long, in ms, who listens with {@link Store.onHistory} is told of changes to this instance.
   * Without it, and when it has ended, nobody more is told than was.
   */
  readonly watchMs?: number;
}

/** A part of an instance's history, with what there is to know beside it. */
export interface HistoryPage {
  /** Tells it from another instance of the same id. */
  readonly nonce: string;
  /** Another one when entries may have been wiped or replaced since: then read from the first. */
  readonly edition: number;
  readonly createdAt: number;
  /** When it was first claimed … */
  readonly startedAt?: number;
  /** … and how many entries there were then. */
  readonly startedAfter: number;
  /** With a page from before that. */
  readonly params?: Payload;
  readonly entries: readonly StoredEntry[];
  /** How many there are in all. */
  readonly length: number;
  /** The output or error of one that has ended, with the page that has the last entry. */
  readonly result?: Payload;
}

/** That an instance has ended, or was deleted. */
export interface EndNotice {
  readonly instanceId: string;
  /** How `run` ended, if that is short. Else who wants to know has to read it. */
  readonly end?: {
    /** Of the activation that ended it. */
    readonly fence: number;
    readonly result: InstanceResult;
  };
}

/** How `run` ended. */
export type InstanceResult =
  | { readonly status: "complete"; readonly output: Payload }
  | { readonly status: "errored"; readonly error: Payload };

export interface ClaimRequest {
  readonly instanceId: string;
  readonly workerId: string;
  readonly leaseMs: number;
  /** Tells a repeated claim from another activation's: the repeat gets the same fence again. */
  readonly nonce: string;
  /**
   * What the caller still holds in memory from the activation with this fence. When nobody has run
   * the instance since, only the entries after the first `entries` are returned.
   */
  readonly held?: { readonly fence: number; readonly entries: number };
  /** Also claims an instance that is `waiting` for something that has not happened yet. */
  readonly early?: boolean;
}

/** The right to write to an instance, and all that is needed to go on with it. */
export interface Claim {
  readonly fence: number;
  /** The store's clock at the claim. */
  readonly now: number;
  readonly params: Payload;
  readonly createdAt: number;
  /** Whether `history` starts after what the caller holds; else it starts at the beginning. */
  readonly isContinuation: boolean;
  readonly history: readonly StoredEntry[];
  /** All events that no wait has consumed, oldest first. */
  readonly events: readonly BufferedEvent[];
  /** The `seq` of the newest event ever received, consumed or not; 0 if none. */
  readonly lastEvent: number;
  /** The activation before this one lost its lease: its worker died, or was silent for too long. */
  readonly isAfterCrash: boolean;
}

/** Why there is nothing to do for who wanted to claim. */
export type ClaimRefusal = "missing" | "finished" | "paused" | "waiting" | "leased" | "limited";

export type ClaimOutcome =
  | { readonly type: "claimed"; readonly claim: Claim }
  | { readonly type: "refused"; readonly reason: ClaimRefusal };

/** What every write of an activation carries. */
export interface FencedWrite {
  readonly instanceId: string;
  readonly fence: number;
  /** 1 for the first write under this fence, then one more for each. Makes a repeat harmless. */
  readonly commit: number;
  /**
   * The number of the last write under this fence that the store has confirmed, 0 if none. A store that
   * knows less of it went back in time: the write is {@link Stale}.
   */
  readonly after: number;
  /** JSON texts to append to the history, in the order in which they were settled. */
  readonly entries: readonly string[];
  /** Events that the entries hand to a wait; they leave the buffer in the same write. */
  readonly consumed: readonly number[];
  /** The `lastEvent` that the caller was told last. */
  readonly seenEvent: number;
  /** What has to hold before the store answers. @defaultValue "memory" */
  readonly barrier?: Barrier;
}

/** What reached the instance while it was running. */
export interface News {
  readonly isPauseRequested: boolean;
  /** Events newer than the caller has seen. */
  readonly events: readonly BufferedEvent[];
  /** The `seq` of the newest event ever received, consumed or not; 0 if none. */
  readonly lastEvent: number;
}

/** The fence is no longer current: nothing was written, and this activation has no more say. */
export interface Stale {
  readonly type: "stale";
}

/** `at` is the instant that the appended entries got. */
export type CommitOutcome =
  | { readonly type: "committed"; readonly at: number; readonly news: News }
  | Stale;

/** A write that may also end streams. Only a commit may: an ending that has any is preceded by one. */
export interface CommitRequest extends FencedWrite {
  /**
   * The streams that the entries refer to. They are kept from now on, as a part of what is written; a
   * store that has not all of their chunks went back in time: the write is {@link Stale}.
   */
  readonly streams?: readonly StreamReference[];
}

export interface SuspendRequest extends FencedWrite {
  /** Wakes at this instant … */
  readonly wakeAt?: number;
  /** … or this long after this write, whichever is sooner. Neither: only an event wakes it. */
  readonly wakeInMs?: number;
  /** The event types that wake it. */
  readonly awaits: readonly string[];
}

export type SuspendOutcome =
  | {
      readonly type: "suspended";
      readonly at: number;
      readonly requests: readonly ActivationRequest[];
    }
  /** Something arrived since the caller last looked. Nothing was written. */
  | { readonly type: "arrived"; readonly news: News }
  | Stale;

export interface FinishRequest extends FencedWrite {
  readonly result: InstanceResult;
}

export type FinishOutcome =
  | {
      readonly type: "finished";
      readonly at: number;
      readonly requests: readonly ActivationRequest[];
    }
  | Stale;

export type SettlePauseOutcome =
  | {
      readonly type: "paused";
      readonly at: number;
      readonly requests: readonly ActivationRequest[];
    }
  /** The pause was taken back meanwhile. The entries were written; the activation goes on. */
  | { readonly type: "resumed"; readonly at: number; readonly news: News }
  | Stale;

export type ReleaseOutcome =
  | {
      readonly type: "released";
      readonly at: number;
      readonly requests: readonly ActivationRequest[];
    }
  | Stale;

export type RenewOutcome = { readonly type: "renewed"; readonly news: News } | Stale;

/** Which event an entry took out of the buffer, told by what cannot change. */
export type ConsumedEvent = Omit<BufferedEvent, "seq">;

/** An entry that was confirmed. */
export interface HeldEntry extends StoredEntry {
  readonly consumed?: ConsumedEvent;
  /** The stream that it refers to. */
  readonly stream?: StreamReference;
}

/** What somebody knows of an instance because the store has confirmed it. */
export interface KnownInstance {
  readonly instanceId: string;
  /** Tells it from another one of the same id. */
  readonly createdAt?: number;
  /** The newest fence; 0 if none. */
  readonly fence: number;
  /** The fence of a claim that the caller got since, and has begun nothing under. */
  readonly unused?: number;
  /** How long ago that was, in ms. */
  readonly ageMs: number;
  /** The `seq` of the newest event that the caller was told of, and an instant by which it had come; 0 if none. */
  readonly lastEvent: number;
  readonly lastEventAt: number;
  /** How many entries its history had. */
  readonly entries: number;
  /** The last of them, as far as the caller still has them. */
  readonly held: readonly HeldEntry[];
}

export type ReassertOutcome =
  /** The store has all of it, or had reason to forget it: a restart, a deletion. */
  | { readonly type: "kept" }
  /**
   * So many entries were lost. They are back, every claim is stale, and the instance is runnable: when
   * the lease has run out of whoever claimed it since what the caller knows, as he may not hear of it.
   */
  | {
      readonly type: "reasserted";
      readonly restored: number;
      readonly requests: readonly ActivationRequest[];
    }
  /**
   * At least so many entries were lost, and cannot be put back: the caller does not hold enough, or
   * somebody went on without them. The instance is paused, unless it has ended already.
   */
  | {
      readonly type: "flagged";
      readonly lost: number;
      readonly status: InstanceStatus;
      readonly requests: readonly ActivationRequest[];
    }
  /** The instance is not there, and nobody deleted it. */
  | { readonly type: "missing" };

/** The answer to a command from outside. `requests` is empty when it changed nothing. */
export type CommandOutcome =
  | { readonly type: "done"; readonly requests: readonly ActivationRequest[] }
  /** The transition table does not allow it. */
  | { readonly type: "refused"; readonly status: InstanceStatus }
  | { readonly type: "missing" };

/** Starts an instance over with a part of its history. */
export interface RestartRequest extends KeptHistory {
  readonly instanceId: string;
  /** The history as the caller has read it: how many entries, and the last of them. */
  readonly length: number;
  readonly last: StoredEntry;
}

/** `changed`: the history is not the one that was read any more. Nothing was written. */
export type RestartOutcome = CommandOutcome | { readonly type: "changed" };

export interface DueOutcome {
  readonly requests: readonly ActivationRequest[];
  /** The next wake-up after those, if any is known. */
  readonly nextAt?: number;
  readonly now: number;
}

/** What a worker is told about an instance it is running. */
export interface ControlMessage {
  readonly instanceId: string;
  /** `news`: look again (an event, a pause, a resume). `revoked`: the fence is gone. */
  readonly type: "news" | "revoked";
  /** The fence that was current. A message may be late: one of an older fence concerns nobody. */
  readonly fence: number;
}

export type Unsubscribe = () => void;

export interface ConnectionListener {
  readonly onLost: () => void;
  readonly onBack: () => void;
}

/** The instances of one workflow. See the head of this file for the rules all verbs keep. */
export interface Store extends InsightStore, RollbackStore, ScheduleStore, StreamStore {
  /** Applies settings that all workers share. Raising the limit admits instances that were held back. */
  configure(settings: { readonly concurrencyLimit: number }): Promise<readonly ActivationRequest[]>;
  /** Outcomes are in the order of the input; each instance is created or not by itself. */
  create(instances: readonly NewInstance[]): Promise<readonly CreateOutcome[]>;
  get(instanceId: string): Promise<InstanceRecord | undefined>;
  history(instanceId: string): Promise<readonly StoredEntry[]>;
  /** Reads a part of a history, and leaves a mark for {@link Store.onHistory}. */
  readHistory(request: HistoryRequest): Promise<HistoryPage | undefined>;
  counts(): Promise<Readonly<Record<InstanceStatus, number>>>;
  /**
   * Costs as much as the page is long, however many there are. Where instances have to be looked at, it
   * looks at {@link EXAMINED_LIMIT} at most.
   */
  list(request: ListRequest): Promise<InstancePage>;

  claim(request: ClaimRequest): Promise<ClaimOutcome>;
  /** Appends entries and answers with news. Without entries it only looks. */
  commit(write: CommitRequest): Promise<CommitOutcome>;
  suspend(write: SuspendRequest): Promise<SuspendOutcome>;
  finish(write: FinishRequest): Promise<FinishOutcome>;
  /** Turns `waitingForPause` into `paused` once nothing runs any more. */
  settlePause(write: FencedWrite): Promise<SettlePauseOutcome>;
  /** Gives the instance back unfinished, for another worker to go on at once. */
  release(write: FencedWrite): Promise<ReleaseOutcome>;
  renew(request: {
    readonly instanceId: string;
    readonly fence: number;
    readonly leaseMs: number;
    readonly seenEvent: number;
  }): Promise<RenewOutcome>;

  /**
   * Compares what the caller knows with what the store has, which after a failover or a restored backup
   * may be less: puts back what was lost, or flags the instance. Harmless to repeat, and for whoever
   * knows less than others.
   */
  reassert(known: KnownInstance): Promise<ReassertOutcome>;

  sendEvent(instanceId: string, event: IncomingEvent, once?: OnceMark): Promise<CommandOutcome>;
  pause(instanceId: string): Promise<CommandOutcome>;
  resume(instanceId: string): Promise<CommandOutcome>;
  /** No effect on an instance that rolls back: it ends when that is done. */
  terminate(instanceId: string): Promise<CommandOutcome>;
  restart(instanceId: string, once?: OnceMark): Promise<CommandOutcome>;
  restartFrom(request: RestartRequest): Promise<RestartOutcome>;
  delete(instanceId: string): Promise<CommandOutcome>;

  /** Makes instances runnable whose wake-up or delayed start is due. */
  wakeDue(limit: number): Promise<DueOutcome>;
  /** Takes instances back from workers whose lease ran out. */
  adoptOrphans(limit: number): Promise<readonly ActivationRequest[]>;
  /** Finds runnable instances that nobody claimed for this long, so that a lost job is asked for again. */
  redispatch(request: {
    readonly olderThanMs: number;
    readonly limit: number;
  }): Promise<readonly ActivationRequest[]>;
  /** Deletes finished instances whose retention is over; answers how many. */
  expire(limit: number): Promise<number>;

  /** Hears what concerns instances that this worker runs. May miss messages while disconnected. */
  onControl(workerId: string, listener: (message: ControlMessage) => void): Promise<Unsubscribe>;
  /**
   * Hears of instances that finished or were deleted. `onGap` is called when messages may have been
   * missed (a reconnect), so that the listener looks for itself.
   */
  onFinished(listener: (notice: EndNotice) => void, onGap: () => void): Promise<Unsubscribe>;
  /**
   * Hears that the history of an instance that is being watched (see {@link HistoryRequest}) may have
   * changed: entries were added or wiped, it was started or deleted, or messages may have been missed.
   * What is never watched is never told of, and costs nothing.
   */
  onHistory(instanceId: string, onChange: () => void): Promise<Unsubscribe>;
  /**
   * Hears when the way to the store broke, and when it leads there again: maybe to another server, that
   * has not got every write. Cheap to miss nothing of, so it is told too often rather than not.
   */
  onConnection(listener: ConnectionListener): Unsubscribe;
  close(): Promise<void>;
}

/** Activation requests that nobody has taken yet. */
export interface WaitingRequests {
  readonly count: number;
  /** What those are for that go first. */
  readonly instanceIds: readonly string[];
}

/** Brings activation requests to some worker. At least once; order by rank, then first come. */
export interface Dispatcher {
  dispatch(requests: readonly ActivationRequest[]): Promise<void>;
  /**
   * Sets the alarms there are, which whoever consumes hears when they are due: those given, and no
   * others. Whether one that is due rings is not certain, nor that it rings once and never early.
   */
  setAlarms(alarms: readonly Alarm[]): Promise<void>;
  /**
   * Starts to hand requests to `activate` and alarms that are due to `ring`, at most `concurrency`
   * unsettled at once.
   */
  consume(
    activate: (instanceId: string) => Promise<void>,
    concurrency: number,
    ring?: Ring,
  ): Promise<Consumer>;
  /** Looks at what is on its way, at the first `limit` requests one by one. */
  waiting(limit: number): Promise<WaitingRequests>;
  close(): Promise<void>;
}

export interface Consumer {
  /**
   * Takes no more requests, and resolves when those taken have settled. With `force` it does not wait
   * for them: what is under way is delivered again, to whoever consumes then.
   */
  stop(options?: { readonly force?: boolean }): Promise<void>;
}

export type CancelTimer = () => void;

/** Local time. Only measures and waits; what is due in the store is decided by the store's clock. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back after at least this many milliseconds. */
  after(delayMs: number, callback: () => void): CancelTimer;
  /** Calls back once all that is ready to run now, microtasks included, has run. */
  nextTurn(callback: () => void): void;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Where the engine says what it does. Everything is optional to listen to; nothing may throw. */
export interface Telemetry {
  log(level: LogLevel, message: string, facts?: Readonly<Record<string, unknown>>): void;
  count(metric: string, facts?: Readonly<Record<string, unknown>>): void;
}

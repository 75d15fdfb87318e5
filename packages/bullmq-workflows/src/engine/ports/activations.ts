/**
 * The part of the store that activations write to: a claim, and what is written under its fence. See store.ts.
 */
import type { Barrier } from "../../model/barrier.ts";
import type { StreamReference } from "../../model/history.ts";
import type { Payload } from "../../model/payload.ts";
import type { ActivationRequest } from "./dispatcher.ts";
import type { StoredEntry } from "./history.ts";
import type { InstanceResult } from "./instances.ts";
import type { KnownInstance, ReassertOutcome } from "./reassertion.ts";

/** An event that no wait has consumed yet. `seq` grows by one per event of an instance. */
export interface BufferedEvent {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  /** Absent when the event was sent without a payload. */
  readonly payload?: Payload;
}

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

export interface FinishRollbackRequest extends FencedWrite {
  readonly result:
    | { readonly status: "errored"; readonly error: Payload }
    | { readonly status: "terminated" };
  /** The entry that says how the rollback ended. Absent when there was nothing to roll back. */
  readonly ending?: string;
}

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

export interface RenewRequest {
  readonly instanceId: string;
  readonly fence: number;
  readonly leaseMs: number;
  readonly seenEvent: number;
}

export type RenewOutcome = { readonly type: "renewed"; readonly news: News } | Stale;

export interface ActivationStore {
  claim(request: ClaimRequest): Promise<ClaimOutcome>;
  /** Appends entries and answers with news. Without entries it only looks. */
  commit(write: CommitRequest): Promise<CommitOutcome>;
  suspend(write: SuspendRequest): Promise<SuspendOutcome>;
  finish(write: FinishRequest): Promise<FinishOutcome>;
  /** Commits, and from then on the instance rolls back; a pause that was asked for is not to be any more. */
  startRollback(write: FencedWrite): Promise<CommitOutcome>;
  /** As `finish`, for one that rolled back. */
  finishRollback(write: FinishRollbackRequest): Promise<FinishOutcome>;
  /** Turns `waitingForPause` into `paused` once nothing runs any more. */
  settlePause(write: FencedWrite): Promise<SettlePauseOutcome>;
  /** Gives the instance back unfinished, for another worker to go on at once. */
  release(write: FencedWrite): Promise<ReleaseOutcome>;
  renew(request: RenewRequest): Promise<RenewOutcome>;

  /**
   * Compares what the caller knows with what the store has, which after a failover or a restored backup
   * may be less: puts back what was lost, or flags the instance. Harmless to repeat, and for whoever
   * knows less than others.
   */
  reassert(known: KnownInstance): Promise<ReassertOutcome>;
}

/** What is told again to a store that may have gone back in time, and what it answers. See store.ts. */
import type { StreamReference } from "../../model/history.ts";
import type { InstanceStatus } from "../../model/status.ts";
import type { BufferedEvent } from "./activations.ts";
import type { ActivationRequest } from "./dispatcher.ts";
import type { StoredEntry } from "./history.ts";

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

/** The part of the store that creates instances and tells what they are. See store.ts. */
import type { RollbackOutcome } from "../../model/history.ts";
import type { Payload } from "../../model/payload.ts";
import type { InstanceStatus } from "../../model/status.ts";
import type { Trigger } from "../../model/trigger.ts";
import type { ActivationRequest } from "./dispatcher.ts";
import type { HistoryPage, HistoryRequest, StoredEntry } from "./history.ts";
import type { InstancePage, ListRequest } from "./listing.ts";

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

/** How `run` ended. */
export type InstanceResult =
  | { readonly status: "complete"; readonly output: Payload }
  | { readonly status: "errored"; readonly error: Payload };

export interface InstanceStore {
  /** Outcomes are in the order of the input; each instance is created or not by itself. */
  create(instances: readonly NewInstance[]): Promise<readonly CreateOutcome[]>;
  get(instanceId: string): Promise<InstanceRecord | undefined>;
  history(instanceId: string): Promise<readonly StoredEntry[]>;
  /** Reads a part of a history, and leaves a mark for {@link NoticeStore.onHistory}. */
  readHistory(request: HistoryRequest): Promise<HistoryPage | undefined>;
  counts(): Promise<Readonly<Record<InstanceStatus, number>>>;
  /**
   * Costs as much as the page is long, however many there are. Where instances have to be looked at, it
   * looks at {@link EXAMINED_LIMIT} at most.
   */
  list(request: ListRequest): Promise<InstancePage>;
}

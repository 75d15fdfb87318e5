/** What a store is asked for, and answers with, when it lists instances. See store.ts. */
import { isFinished, STATUSES } from "../../model/status.ts";
import type { InstanceStatus } from "../../model/status.ts";
import type { Trigger } from "../../model/trigger.ts";

/**
 * Which instances to list, in the order in which they were created. What is below `labels` may take looking
 * at instances in vain: then a page has fewer than asked for, or none, and still a cursor.
 */
export interface ListRequest {
  /** @defaultValue all of them */
  readonly statuses?: readonly InstanceStatus[];
  readonly limit: number;
  /** Where the page before ended, in the same order. */
  readonly cursor?: string;
  /** How many to leave out before the page begins. Not with what may look in vain. @defaultValue 0 */
  readonly skip?: number;
  /** Only those created then or later … */
  readonly createdFrom?: number;
  /** … and then or earlier. */
  readonly createdTo?: number;
  /** @defaultValue "newest" */
  readonly first?: "newest" | "oldest";
  /** Only those that have all of these: see `model/labels.ts`. */
  readonly labels?: readonly string[];
  /** Only those whose id begins so. */
  readonly idPrefix?: string;
  /** Only those that errored with this text in the error's name or message: see `model/error-search.ts`. */
  readonly error?: string;
  /** Only those that ended then or later … */
  readonly endedFrom?: number;
  /** … and then or earlier. */
  readonly endedTo?: number;
}

/** Whether instances have to be looked at to find those that are meant. */
export function isSearch({ labels = [], ...rest }: ListRequest): boolean {
  const { idPrefix, error, endedFrom, endedTo } = rest;
  return (
    labels.length > 0 || [idPrefix, error, endedFrom, endedTo].some((each) => each !== undefined)
  );
}

/** The statuses that those can have that are asked for. */
export function statusesOf({
  statuses = STATUSES,
  ...rest
}: ListRequest): readonly InstanceStatus[] {
  if (rest.error !== undefined) return statuses.filter((status) => status === "errored");
  const hasEnded = rest.endedFrom !== undefined || rest.endedTo !== undefined;
  return hasEnded ? statuses.filter(isFinished) : statuses;
}

/** Whether an index knows how many there are: of one label, in whatever status. */
export function isCountable({ labels = [], statuses, ...rest }: ListRequest): boolean {
  return labels.length < 2 && statuses === undefined && !isSearch({ ...rest, limit: rest.limit });
}

/** What a list says of an instance. */
export interface InstanceSummary {
  readonly id: string;
  readonly status: InstanceStatus;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** When it was last written to by a worker, paused or ended; at first, created. */
  readonly changedAt: number;
  readonly trigger: Trigger;
  readonly priority: number;
  /** What it can be found by; absent if there is nothing. */
  readonly labels?: readonly string[];
  /** When its delayed start is due; absent once it has started. */
  readonly delayedUntil?: number;
}

export interface InstancePage {
  readonly instances: readonly InstanceSummary[];
  /** How many there are on all pages; absent where no index knows. */
  readonly total?: number;
  /** Present when there are more, or may be. */
  readonly cursor?: string;
}

/** What a store is asked for, and answers with, when it lists instances. See ports.ts. */
import type { InstanceStatus } from "../model/status.ts";
import type { Trigger } from "../model/trigger.ts";

/** Which instances to list, in the order in which they were created. */
export interface ListRequest {
  /** @defaultValue all of them */
  readonly statuses?: readonly InstanceStatus[];
  readonly limit: number;
  /** Where the page before ended, in the same order. */
  readonly cursor?: string;
  /** How many to leave out before the page begins. @defaultValue 0 */
  readonly skip?: number;
  /** Only those created then or later … */
  readonly createdFrom?: number;
  /** … and then or earlier. */
  readonly createdTo?: number;
  /** @defaultValue "newest" */
  readonly first?: "newest" | "oldest";
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
}

export interface InstancePage {
  readonly instances: readonly InstanceSummary[];
  /** How many there are on all pages. */
  readonly total: number;
  /** Present when there are more. */
  readonly cursor?: string;
}

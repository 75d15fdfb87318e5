/**
 * The states of an instance and the only ways between them (I8).
 *
 * The table is data so that one source feeds the type, the check in tests and the diagram in the
 * documentation. If you add a status, also give it an index, a place in `redis/scripts/lib/place.lua`
 * and a row in ARCHITECTURE.md.
 */

/** Cloudflare's words for the state of an instance. */
export type InstanceStatus =
  | "queued"
  | "running"
  | "waiting"
  | "waitingForPause"
  | "paused"
  | "complete"
  | "errored"
  | "terminated";

/** Every status, in the order of a usual life. */
export const STATUSES: readonly InstanceStatus[] = [
  "queued",
  "running",
  "waiting",
  "waitingForPause",
  "paused",
  "complete",
  "errored",
  "terminated",
];

/** What an instance may become, by what it is. A restart leads from any status to `queued`. */
export const TRANSITIONS: Readonly<Record<InstanceStatus, readonly InstanceStatus[]>> = {
  queued: ["running", "paused", "terminated"],
  running: ["queued", "waiting", "waitingForPause", "paused", "complete", "errored", "terminated"],
  waiting: ["queued", "running", "paused", "terminated"],
  waitingForPause: ["running", "paused", "queued", "complete", "errored", "terminated"],
  paused: ["queued", "terminated"],
  complete: [],
  errored: [],
  terminated: [],
};

/** Whether the status is one that only a restart or a delete can leave. */
export function isFinished(status: InstanceStatus): boolean {
  return TRANSITIONS[status].length === 0;
}

/** Whether some worker may hold a lease on an instance in this status. */
export function isLeased(status: InstanceStatus): boolean {
  return status === "running" || status === "waitingForPause";
}

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
  | "rollingBack"
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
  "rollingBack",
  "complete",
  "errored",
  "terminated",
];

/** What an instance may become, by what it is. A restart leads from any status to `queued`. */
export const TRANSITIONS: Readonly<Record<InstanceStatus, readonly InstanceStatus[]>> = {
  queued: ["running", "paused", "rollingBack", "terminated"],
  running: [
    "queued",
    "waiting",
    "waitingForPause",
    "paused",
    "rollingBack",
    "complete",
    "errored",
    "terminated",
  ],
  waiting: ["queued", "running", "paused", "rollingBack", "terminated"],
  waitingForPause: [
    "running",
    "paused",
    "queued",
    "rollingBack",
    "complete",
    "errored",
    "terminated",
  ],
  paused: ["queued", "rollingBack", "terminated"],
  // Paused only when it is flagged: entries are lost that nobody can put back.
  rollingBack: ["paused", "errored", "terminated"],
  complete: [],
  errored: [],
  terminated: [],
};

/** Whether the status is one that only a restart or a delete can leave. */
export function isFinished(status: InstanceStatus): boolean {
  return TRANSITIONS[status].length === 0;
}

/**
 * What an instance is that goes on, by where it is: in line, with a worker, or waiting. One that rolls
 * back is that wherever it is.
 */
export function underWay(
  status: InstanceStatus,
  where: "queued" | "running" | "waiting",
): InstanceStatus {
  return status === "rollingBack" ? status : where;
}

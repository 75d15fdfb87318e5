/** What a grade means, what would improve it, and what else deserves attention, in words. */
import { waitsForReplicas } from "./barrier.ts";
import { toBarrierState } from "./barrier-support.ts";
import { evicts, gradeServers, isWorse } from "./durability.ts";
import type { BarrierRequest, DurabilityGrade } from "./durability.ts";
import { toHeadroom } from "./headroom.ts";
import type { Headroom } from "./headroom.ts";
import type { ServerFacts } from "./server-facts.ts";

/** What `engine.durability()` answers. */
export interface Durability {
  readonly grade: DurabilityGrade;
  /** What may be lost, in one sentence. */
  readonly promises: string;
  /** What to change to reach the next grade; empty at A. */
  readonly advice: string;
  /** Trouble there is now, and what is no trouble yet. */
  readonly remarks: readonly string[];
  /** Settings that Redis did not tell. The grade takes them for the worst that fits. */
  readonly unknown: readonly string[];
  /** The grade if those settings were at their best. */
  readonly best: DurabilityGrade;
  /** The grade is what the option `declared` says, not what was read. */
  readonly isDeclared: boolean;
  readonly headroom: Headroom;
  /** What every primary said; on a Cluster the worst one counts. */
  readonly servers: readonly ServerFacts[];
}

export interface ReportRequest extends BarrierRequest {
  /** What the operator says of a Redis that cannot be asked. */
  readonly declared: DurabilityGrade | undefined;
  /** The share of `maxmemory` from which new instances are refused. */
  readonly fullAt: number;
}

const PROMISES: Readonly<Record<DurabilityGrade, string>> = {
  A: "Every acknowledged write is on disk or on a majority of servers.",
  B: "A crash of the machine may lose about the last second of acknowledged writes.",
  C: "A crash may lose everything since the last snapshot, or whatever the operating system had not yet written.",
  D: "A crash or restart loses everything.",
  F: "Redis deletes instances, histories and indices at any time when its memory is full.",
};

const ADVICE: Readonly<Record<DurabilityGrade, string>> = {
  A: "",
  B: 'Set `appendfsync always`, or ask for the barrier "fsync" (Redis 7.2 or later, or Valkey).',
  C: "Set `appendonly yes` with `appendfsync everysec`.",
  D: "Set `appendonly yes`; at the least, `save 60 1`.",
  F: "Set `maxmemory-policy noeviction`.",
};

/** Bytes: the end of an instance with the largest output and the largest error of a step, and to spare. */
const ENOUGH_FOR_A_WRITE = 16_777_216;

/** For a grade that is bad only because Redis does not tell. Without an append-only file it is bad anyway. */
const TELL =
  "Allow `CONFIG GET`, or say with `durability.declared` what the operator of Redis promises.";

export function toDurability(servers: readonly ServerFacts[], request: ReportRequest): Durability {
  const { held, lacks } = toBarrierState(servers, request);
  const read = gradeServers(servers, { ...request, barrier: held });
  // That it evicts, Redis says itself; no statement outweighs that.
  const isEvicting = servers.some((facts) => evicts(facts));
  const declared = isEvicting ? undefined : request.declared;
  const grade = declared ?? read.grade;
  const unheld = lacks.map(
    (lack) =>
      `The barrier "${request.barrier}" is not held, and the grade is what there is without it: ${lack}.`,
  );
  const isUnread = declared === undefined && read.unknown.length > 0 && grade !== "D";
  return {
    grade,
    promises: PROMISES[grade],
    advice: isUnread ? TELL : ADVICE[grade],
    remarks: [...new Set([...unheld, ...servers.flatMap((facts) => remarksOn(facts, request))])],
    unknown: declared === undefined ? read.unknown : [],
    best: declared ?? read.best,
    isDeclared: declared !== undefined,
    headroom: toHeadroom(servers, request.fullAt),
    servers,
  };
}

/** Whether it cannot be said which side of the minimum the grade is on. */
export function isUndecided(durability: Durability, minimum: DurabilityGrade): boolean {
  return isWorse(durability.grade, minimum) && !isWorse(durability.best, minimum);
}

function remarksOn(facts: ServerFacts, request: ReportRequest): readonly string[] {
  const { address } = facts;
  const mayEvict =
    facts.maxMemory === 0 && !["noeviction", "unknown"].includes(facts.evictionPolicy);
  const mayLoseInFailover = facts.replicaCount > 0 && !waitsForReplicas(request.barrier);
  const remarks: readonly (readonly [boolean, string])[] = [
    [
      facts.role === "replica",
      `${address} is a replica: it refuses writes, and says nothing of its primary.`,
    ],
    [facts.isLoading, `${address} is loading its data and takes no writes yet.`],
    [
      facts.isAppendFailing,
      `${address} cannot write its append-only file and refuses writes: look at its disk.`,
    ],
    [
      facts.isSnapshotFailing,
      `${address} could not take its last snapshot: look at its log, disk and memory.`,
    ],
    [
      mayEvict,
      `${address} has the policy \`${facts.evictionPolicy}\`, which evicts as soon as a maxmemory is set: set \`noeviction\`.`,
    ],
    [
      facts.maxMemory === 0,
      `${address} has no maxmemory: when the machine's memory is used up, the whole server is killed.`,
    ],
    [
      facts.maxArgument !== "unknown" && facts.maxArgument < ENOUGH_FOR_A_WRITE,
      `${address} takes no more than ${facts.maxArgument} bytes at once: larger results fail their steps. Set \`proto-max-bulk-len\` to ${ENOUGH_FOR_A_WRITE} at least.`,
    ],
    [
      mayLoseInFailover && request.declared === undefined,
      `${address} has replicas, and replication is asynchronous: a failover may lose acknowledged writes unless the barrier "replicated" is asked for.`,
    ],
  ];
  return remarks.filter(([applies]) => applies).map(([, remark]) => remark);
}

/**
 * Grades what Redis promises, from what it says about itself.
 *
 * A grade is what may be lost of writes that were acknowledged when the machine of Redis fails. What
 * could not be read is taken for the worst that fits; `best` is the grade if it were the best. The words
 * for people are in durability-report.ts.
 */
import { waitsForDisk, waitsForReplicas } from "./barrier.ts";
import type { Barrier } from "./barrier.ts";
import type { ServerFacts } from "./server-facts.ts";

/** `A` loses nothing, `B` about a second, `C` more than that, `D` everything, `F` anything at any time. */
export type DurabilityGrade = "A" | "B" | "C" | "D" | "F";

/** Best first. */
export const GRADES: readonly DurabilityGrade[] = ["A", "B", "C", "D", "F"];

export interface BarrierRequest {
  readonly barrier: Barrier;
  /** How many replicas it waits for. */
  readonly replicas: number;
}

export interface Grading {
  readonly grade: DurabilityGrade;
  /** What it would be if all that is unknown were at its best. */
  readonly best: DurabilityGrade;
  /** The settings that could not be read and would decide. */
  readonly unknown: readonly string[];
}

export function isWorse(grade: DurabilityGrade, than: DurabilityGrade): boolean {
  return GRADES.indexOf(grade) > GRADES.indexOf(than);
}

/** Of several servers the worst counts. */
export function gradeServers(servers: readonly ServerFacts[], request: BarrierRequest): Grading {
  const gradings = servers.map((facts) => gradeServer(facts, request));
  return {
    grade: worst(gradings.map(({ grade }) => grade)),
    best: worst(gradings.map(({ best }) => best)),
    unknown: [...new Set(gradings.flatMap(({ unknown }) => unknown))],
  };
}

export function gradeServer(facts: ServerFacts, request: BarrierRequest): Grading {
  if (evicts(facts)) return certain("F");
  if (holdsByBarrier(facts, request)) return certain("A");
  if (facts.evictionPolicy === "unknown" && facts.maxMemory > 0) {
    return { ...gradePersistence(facts), grade: "F", unknown: ["maxmemory-policy"] };
  }
  return gradePersistence(facts);
}

/** A policy that evicts does so only when there is a limit to keep. */
export function evicts({ evictionPolicy, maxMemory }: ServerFacts): boolean {
  return maxMemory > 0 && evictionPolicy !== "noeviction" && evictionPolicy !== "unknown";
}

function gradePersistence(facts: ServerFacts): Grading {
  return facts.appends ? gradeAppending(facts.fsync) : gradeSnapshots(facts);
}

function gradeAppending(fsync: ServerFacts["fsync"]): Grading {
  switch (fsync) {
    case "always":
      return certain("A");
    case "everysec":
      return certain("B");
    case "no":
      return certain("C");
    case "unknown":
      return { grade: "C", best: "A", unknown: ["appendfsync"] };
  }
}

function gradeSnapshots(facts: ServerFacts): Grading {
  const { snapshots, isSnapshotFailing, stopsOnSnapshotFailure } = facts;
  if (snapshots === "off") return certain("D");
  if (snapshots === "unknown") return { grade: "D", best: "C", unknown: ["save"] };
  // While snapshots fail, writes are refused, or there are writes that no snapshot will have.
  if (!isSnapshotFailing || stopsOnSnapshotFailure === "yes") return certain("C");
  if (stopsOnSnapshotFailure === "no") return certain("D");
  return { grade: "D", best: "C", unknown: ["stop-writes-on-bgsave-error"] };
}

/** Whether what the engine acknowledges is on disk, or on a majority of servers, by the barrier alone. */
function holdsByBarrier(facts: ServerFacts, { barrier, replicas }: BarrierRequest): boolean {
  if (waitsForDisk(barrier) && facts.appends) return true;
  return waitsForReplicas(barrier) && (replicas + 1) * 2 > facts.replicaCount + 1;
}

function certain(grade: DurabilityGrade): Grading {
  return { grade, best: grade, unknown: [] };
}

function worst(grades: readonly DurabilityGrade[]): DurabilityGrade {
  return GRADES.findLast((grade) => grades.includes(grade)) ?? "D";
}

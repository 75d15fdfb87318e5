/** What is asked of Redis's durability, checked and with defaults filled in. */
import type { DurabilitySettings } from "../engine/durability-watch.ts";
import { BARRIERS, isBarrier } from "../model/barrier.ts";
import type { Barrier } from "../model/barrier.ts";
import { GRADES } from "../model/durability.ts";
import type { DurabilityGrade } from "../model/durability.ts";
import type { WorkflowSleepDuration } from "../model/duration.ts";
import { InvalidOptionError } from "../model/errors.ts";
import { checkCount, checkDuration, checkKeys } from "./option-checks.ts";

export interface DurabilityOptions {
  /** Refuses to start when Redis promises less, or does not tell. @defaultValue any grade will do */
  readonly minimum?: DurabilityGrade;
  /**
   * What the operator of a managed Redis promises, where Redis itself cannot tell. It is believed,
   * unless Redis says that it evicts. @defaultValue what can be read counts
   */
  readonly declared?: DurabilityGrade;
  /** What creating, commanding, and every outcome wait for, where a workflow says nothing. @defaultValue "memory" */
  readonly barrier?: Barrier;
  /** How many replicas the barrier `replicated` waits for. @defaultValue 1 */
  readonly replicas?: number;
  /** How long a barrier may take before the write is repeated. @defaultValue "5 seconds" */
  readonly timeout?: WorkflowSleepDuration | number;
  /** The share of `maxmemory` from which new instances are refused; 1 for never. @defaultValue 0.95 */
  readonly fullAt?: number;
}

/** @throws {@link InvalidOptionError} */
export function resolveDurability(options: DurabilityOptions = {}): DurabilitySettings {
  const known = ["minimum", "declared", "barrier", "replicas", "timeout", "fullAt"];
  checkKeys("durability", options, known);
  const fullAt = checkShare("durability.fullAt", options.fullAt ?? 0.95);
  return {
    minimum: checkGrade("durability.minimum", options.minimum),
    declared: checkGrade("durability.declared", options.declared),
    barrier: checkBarrier("durability.barrier", options.barrier ?? "memory"),
    replicas: checkCount("durability.replicas", options.replicas ?? 1, 1),
    timeoutMs: checkDuration("durability.timeout", options.timeout ?? "5 seconds", 10),
    fullAt: fullAt === 1 ? Infinity : fullAt,
  };
}

/** @throws {@link InvalidOptionError} */
export function checkBarrier(option: string, barrier: Barrier): Barrier {
  if (isBarrier(barrier)) return barrier;
  throw new InvalidOptionError(option, `one of ${BARRIERS.join(", ")}`, barrier);
}

function checkGrade(
  option: string,
  grade: DurabilityGrade | undefined,
): DurabilityGrade | undefined {
  if (grade === undefined || GRADES.includes(grade)) return grade;
  throw new InvalidOptionError(option, `one of ${GRADES.join(", ")}`, grade);
}

function checkShare(option: string, share: number): number {
  if (typeof share === "number" && share > 0 && share <= 1) return share;
  throw new InvalidOptionError(option, "a number above 0, at most 1", share);
}

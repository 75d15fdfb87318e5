/** The checker: evidence in, verdict out. */
import { linesOf } from "../ledger.ts";
import { checkEndings } from "./endings.ts";
import { checkEvents } from "./events.ts";
import type { Evidence, Finding, Verdict, ViolationKind } from "./evidence.ts";
import { checkLosses } from "./losses.ts";
import { checkOrder } from "./order.ts";
import { checkRecovery } from "./recovery.ts";
import { checkSteps } from "./steps.ts";
import { checkTimers } from "./timers.ts";

/**
 * What a Redis that loses writes cannot but bring about; counted, not held against the engine. An instance
 * whose end was lost has to be run to its end again; that no step of it is, is judged by itself.
 */
const LOSSES: ReadonlySet<ViolationKind> = new Set([
  "lost_entry",
  "lost_instance",
  "lost_event",
  "illegal_status",
]);

export function check(evidence: Evidence): Verdict {
  const recovery = checkRecovery(evidence);
  const findings = [
    ...checkSteps(evidence),
    ...checkLosses(evidence),
    ...checkOrder(evidence),
    ...checkEvents(evidence),
    ...checkTimers(evidence),
    ...checkEndings(evidence),
    ...recovery.findings,
  ];
  const flagged = new Set(linesOf(evidence.lines, "flagged").map(({ instance }) => instance));
  /** Whatever else follows from a loss, like a step that runs again, is one only if the engine said so. */
  const isLoss = ({ kind, instance = "", isUnaware = false }: Finding): boolean =>
    evidence.mayLose && (LOSSES.has(kind) || flagged.has(instance) || isUnaware);
  return {
    violations: findings.filter((finding) => !isLoss(finding)),
    losses: findings.filter(isLoss),
    measures: recovery.measures,
  };
}

/** Nothing is lost that was acknowledged: instances, entries of histories, and the ends of instances. */
import { linesOf } from "../ledger.ts";
import { groupByInstance } from "./evidence.ts";
import type { Evidence, Finding } from "./evidence.ts";

export function checkLosses({ lines, stored }: Evidence): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { instance } of linesOf(lines, "created")) {
    if (stored.has(instance)) continue;
    findings.push({ kind: "lost_instance", instance, text: "it is gone" });
  }
  for (const [instance, acked] of groupByInstance(linesOf(lines, "acked"))) {
    const history = stored.get(instance)?.history;
    if (!history) continue;
    const kept = new Set(history.map(({ text }) => text));
    for (const { by, entries } of acked) {
      for (const text of entries) {
        if (kept.has(text)) continue;
        findings.push({ kind: "lost_entry", instance, text: `${text}, acknowledged to ${by}` });
      }
    }
  }
  return findings;
}

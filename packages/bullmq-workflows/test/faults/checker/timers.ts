/** Timers are never early (I5): not by Redis's clock, and not by the machine's where that one stood still. */
import { decodeEntry } from "../../../src/model/history.ts";
import { linesOf } from "../ledger.ts";
import type { Line, LineOf } from "../ledger.ts";
import { groupByInstance } from "./evidence.ts";
import type { Evidence, Finding, StoredInstance } from "./evidence.ts";

/** Redis's clock and the ledger's both drop what is below a millisecond. */
const GRAIN_MS = 2;

export function checkTimers({ lines, stored, expected }: Evidence): readonly Finding[] {
  const findings: Finding[] = [];
  const shifts = linesOf(lines, "redis_clock");
  const lives = livesOf(lines);
  for (const [instance, record] of stored) {
    const [from, to] = lives.get(instance) ?? [0, Infinity];
    // Instants from before and after a jump cannot be compared.
    if (shifts.every(({ t }) => t < from || t > to)) findings.push(...findEarly(instance, record));
  }
  for (const [instance, observed] of groupByInstance(linesOf(lines, "observed"))) {
    const begun = observed.find(({ step }) => step === "do:first-1");
    const woken = observed.find(({ step }) => step === "sleep:nap-1");
    if (!begun || !woken) continue;
    const leastMs = (expected.get(instance)?.napMs ?? 0) - forwardIn(shifts, begun.t, woken.t);
    if (woken.t - begun.t >= leastMs - GRAIN_MS) continue;
    const text = `its nap of ${leastMs} ms took ${(woken.t - begun.t).toFixed(1)} ms`;
    findings.push({ kind: "early_timer", instance, text });
  }
  return findings;
}

function findEarly(instance: string, { history }: StoredInstance): readonly Finding[] {
  const dueAt = new Map<string, number>();
  const findings: Finding[] = [];
  for (const { at, text } of history) {
    const entry = decodeEntry(text);
    if (entry.type === "sleep_started") {
      dueAt.set(entry.step, "until" in entry ? entry.until : at + entry.durationMs);
    }
    if (entry.type !== "sleep_completed" || at >= (dueAt.get(entry.step) ?? at)) continue;
    const earlyMs = (dueAt.get(entry.step) ?? at) - at;
    findings.push({ kind: "early_timer", instance, text: `${entry.step} by ${earlyMs} ms` });
  }
  return findings;
}

/** When the first and the last thing happened to each instance. */
function livesOf(lines: readonly Line[]): ReadonlyMap<string, readonly [number, number]> {
  const lives = new Map<string, readonly [number, number]>();
  for (const line of lines) {
    if (!("instance" in line)) continue;
    const [from] = lives.get(line.instance) ?? [line.t];
    lives.set(line.instance, [from, line.t]);
  }
  return lives;
}

/** By how much Redis's clock was moved forward meanwhile: timers may be early by as much. */
function forwardIn(shifts: readonly LineOf<"redis_clock">[], from: number, to: number): number {
  const within = shifts.filter(({ t, shiftMs }) => t >= from && t <= to && shiftMs > 0);
  return within.reduce((sum, { shiftMs }) => sum + shiftMs, 0);
}

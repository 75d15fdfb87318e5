/**
 * Nothing waits longer than it must (I3): an instance whose worker died, a worker whose Redis came back,
 * an instance that was created or is due.
 *
 * Two things move a bound. While a fault lasts that hinders everybody, or no worker lives, time does not
 * count: the bound begins again at the end of that. And a machine whose processors are taken by others is not the engine's doing:
 * every process writes down by how much its event loop was late, and what the slowest lost in the time
 * in question is added.
 */
import { isFinished } from "../../../src/model/status.ts";
import { linesOf } from "../ledger.ts";
import type { Line, LineOf } from "../ledger.ts";
import { groupByInstance } from "./evidence.ts";
import type { Evidence, Finding, Measure } from "./evidence.ts";

export interface RecoveryCheck {
  readonly findings: readonly Finding[];
  readonly measures: readonly Measure[];
}

export function checkRecovery(evidence: Evidence): RecoveryCheck {
  const course = new Course(evidence.lines);
  const checks = [
    checkOrphans(evidence, course),
    checkReconnects(evidence, course),
    checkStarts(evidence, course),
  ];
  return {
    findings: checks.flatMap(({ findings }) => findings),
    measures: checks.flatMap(({ measures }) => measures),
  };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** When what disturbed everybody, or somebody. */
class Course {
  readonly #faults: readonly Span[];
  /** Those, and the times when no worker lived. */
  readonly #hindrances: readonly Span[];
  readonly #stalls: readonly LineOf<"stalled">[];
  readonly #silenced: ReadonlySet<string>;
  readonly #backwardShifts: readonly LineOf<"redis_clock">[];
  readonly endsAt: number;

  constructor(lines: readonly Line[]) {
    const ends = new Map(linesOf(lines, "fault_ended").map((line) => [line.strike, line.t]));
    const hindering = linesOf(lines, "fault_began").filter(({ hinders }) => hinders);
    this.#faults = hindering.map(({ t, strike }) => ({
      from: t,
      to: ends.get(strike) ?? Infinity,
    }));
    this.#hindrances = [...this.#faults, ...desertions(lines)].toSorted((a, b) => a.from - b.from);
    this.#stalls = linesOf(lines, "stalled");
    this.#silenced = new Set(linesOf(lines, "silenced").map(({ worker }) => worker));
    this.#backwardShifts = linesOf(lines, "redis_clock").filter(({ shiftMs }) => shiftMs < 0);
    this.endsAt = lines.at(-1)?.t ?? 0;
  }

  /** The latest instant at which something has to have happened that could begin at `from`. */
  deadline(from: number, boundMs: number): number {
    let deadline = from + boundMs;
    for (const { from: begin, to } of this.#hindrances) {
      if (begin < deadline && to > from) deadline = Math.max(deadline, to + boundMs);
    }
    // Leases and timers end later by as much as the clock went back.
    for (const { t, shiftMs } of this.#backwardShifts) {
      if (t < deadline && t > from) deadline -= shiftMs;
    }
    return deadline + this.#noise(from, deadline);
  }

  /** Whether nothing hindered anybody in this time. */
  isCalm(from: number, to: number): boolean {
    return this.#hindrances.every((span) => span.to <= from || span.from >= to);
  }

  get faults(): readonly Span[] {
    return this.#faults;
  }

  /** What the slowest process lost, without those that a fault stopped. */
  #noise(from: number, to: number): number {
    const lost = new Map<string, number>();
    for (const { by, t, ms } of this.#stalls) {
      if (t < from || t - ms > to || this.#silenced.has(by)) continue;
      lost.set(by, (lost.get(by) ?? 0) + ms);
    }
    return Math.max(0, ...lost.values());
  }
}

/** The times in which no worker took instances: all were dead, silent, or not up yet. */
function desertions(lines: readonly Line[]): readonly Span[] {
  const spans: Span[] = [];
  const up = new Set<string>();
  let from = -Infinity;
  for (const line of lines) {
    const wasDeserted = up.size === 0;
    if (line.type === "worker_up") up.add(line.worker);
    else if (line.type === "killed" || line.type === "silenced" || line.type === "worker_failed") {
      up.delete(line.worker);
    } else if (line.type === "claimed") up.add(line.by);
    if (!wasDeserted && up.size === 0) from = line.t;
    if (wasDeserted && up.size > 0) spans.push({ from, to: line.t });
  }
  return spans;
}

/** When which worker could do nothing: for good, or until the fault was over that silenced it. */
function outagesOf(lines: readonly Line[]): readonly (Span & { readonly worker: string })[] {
  const ends = linesOf(lines, "fault_ended");
  const silences = linesOf(lines, "silenced").map(({ worker, t }) => ({
    worker,
    from: t,
    to: ends.find((end) => end.t > t)?.t ?? Infinity,
  }));
  const deaths = [
    ...linesOf(lines, "killed"),
    ...linesOf(lines, "worker_down"),
    ...linesOf(lines, "worker_failed"),
  ].map(({ worker, t }) => ({ worker, from: t, to: Infinity }));
  return [...silences, ...deaths];
}

/** An instance whose worker died or fell silent is claimed by another one in time. */
function checkOrphans(
  { lines, bounds, expected, stored }: Evidence,
  course: Course,
): RecoveryCheck {
  const findings: Finding[] = [];
  const measures: Measure[] = [];
  const byInstance = groupByInstance([...linesOf(lines, "claimed"), ...linesOf(lines, "let_go")]);
  const losses = [...linesOf(lines, "killed"), ...linesOf(lines, "silenced")];
  for (const { t, worker, type } of losses) {
    for (const [instance, unsorted] of byInstance) {
      const own = unsorted.toSorted((a, b) => a.t - b.t);
      const last = own.findLast((line) => line.t <= t);
      if (last?.type !== "claimed" || last.by !== worker) continue;
      // A pause or a termination may have come between: then nobody claims it for good reasons.
      if (expected.get(instance)?.isPaused || stored.get(instance)?.status === "terminated")
        continue;
      const next = own.find((line) => line.t > t);
      // A silent worker that wakes in time goes on itself.
      if (next?.by === worker && type === "silenced") continue;
      // It had ended, and its worker died before it heard of that.
      if (!next && isFinished(stored.get(instance)?.status ?? "queued")) continue;
      const at = next?.t ?? Infinity;
      if (at > course.deadline(t, bounds.recoveryMs)) {
        const text = `${worker} was ${type}; claimed again after ${seconds(at - t)}`;
        findings.push({ kind: "slow_recovery", instance, text });
      } else if (course.isCalm(t, at)) measures.push({ what: "recovery", ms: at - t });
    }
  }
  return { findings, measures };
}

/** A worker that lived through a fault claims something soon after it. */
function checkReconnects({ lines, bounds }: Evidence, course: Course): RecoveryCheck {
  const findings: Finding[] = [];
  const measures: Measure[] = [];
  const claims = linesOf(lines, "claimed");
  const lastCreatedAt = linesOf(lines, "created").at(-1)?.t ?? 0;
  const outages = outagesOf(lines);
  for (const { worker, t: upAt } of linesOf(lines, "worker_up")) {
    const ownOutages = outages.filter((outage) => outage.worker === worker);
    const own = claims.filter(({ by }) => by === worker);
    for (const { from, to } of course.faults) {
      const deadline = course.deadline(to, bounds.reconnectMs);
      const isOut = ownOutages.some((outage) => outage.from < deadline && outage.to > from);
      // Judged only if it could: not stopped meanwhile, and there was work.
      if (upAt > from || to === Infinity || isOut) continue;
      const at = own.find(({ t }) => t >= to)?.t ?? Infinity;
      if (at > deadline && lastCreatedAt > deadline) {
        const text = `${worker} claimed nothing for ${seconds(at - to)} after a fault`;
        findings.push({ kind: "slow_reconnect", text });
      } else if (at < Infinity && course.isCalm(to, at)) {
        measures.push({ what: "reconnect", ms: at - to });
      }
    }
  }
  return { findings, measures };
}

/** A new instance is claimed in time, and one that naps wakes in time. */
function checkStarts({ lines, bounds, expected, stored }: Evidence, course: Course): RecoveryCheck {
  const findings: Finding[] = [];
  const claims = groupByInstance(linesOf(lines, "claimed"));
  const observed = groupByInstance(linesOf(lines, "observed"));
  const demand = (instance: string, from: number, at: number, what: string): void => {
    if (at <= course.deadline(from, bounds.recoveryMs)) return;
    findings.push({ kind: "stuck", instance, text: `${what} after ${seconds(at - from)}` });
  };
  for (const { instance, t } of linesOf(lines, "created")) {
    const status = stored.get(instance)?.status;
    // Of one that is gone, nobody can tell how it fared.
    if (status === undefined || status === "terminated" || expected.get(instance)?.isPaused)
      continue;
    demand(instance, t, claims.get(instance)?.[0]?.t ?? Infinity, "begun");
    const first = observed.get(instance)?.find(({ step }) => step === "do:first-1");
    const slept = observed.get(instance)?.find(({ step }) => step === "sleep:nap-1");
    if (!first || !slept) continue;
    const dueAt = first.t + (expected.get(instance)?.napMs ?? 0);
    // Whose worker falls silent right after it took the instance is judged as an orphan.
    const claimedAt = claims.get(instance)?.find(({ t }) => t >= dueAt)?.t ?? Infinity;
    demand(instance, dueAt, Math.min(slept.t, claimedAt), "woken");
  }
  return { findings, measures: [] };
}

function seconds(ms: number): string {
  return ms === Infinity ? "never" : `${(ms / 1_000).toFixed(1)} s`;
}

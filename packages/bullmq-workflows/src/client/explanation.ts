/**
 * Why an instance does not run, in one sentence, from what is known of it.
 *
 * A pure decision. What stands in the way of all else comes first: that it has ended, that Redis is full,
 * that it is paused. Then its place in the store says what it waits for, and its steps say the rest.
 */
import type { LiveWorker } from "../engine/ports/directory.ts";
import type { Whereabouts } from "../engine/ports/insights.ts";
import type { NamedMessage } from "../model/error-folding.ts";
import type { Headroom } from "../model/headroom.ts";
import type { DoDetails, StepDetails } from "../model/step-details.ts";
import { isFinished } from "../model/status.ts";
import { explainOpenSteps } from "./open-steps.ts";

export const EXPLANATION_CODES = [
  "finished",
  "running",
  "pausing",
  "paused",
  "entries_lost",
  "delayed",
  "held_by_schedule",
  "queued_behind_limit",
  "waiting_for_worker",
  "no_worker",
  "worker_lost",
  "waiting_for_event",
  "sleeping",
  "retrying",
  "due",
  "redis_full",
] as const;

export type ExplanationCode = (typeof EXPLANATION_CODES)[number];

/** What the sentence says, for programs. Instants are epoch milliseconds. */
export interface ExplanationFacts {
  readonly since?: number;
  readonly until?: number;
  /** `<name>-<count>` */
  readonly step?: string;
  readonly eventType?: string;
  readonly attempt?: number;
  /** Attempts that the step may make; absent for no limit. */
  readonly attempts?: number;
  readonly error?: NamedMessage;
  /** How many go first. */
  readonly ahead?: number;
  readonly limit?: number;
  /** Slots of the limit that are taken. */
  readonly taken?: number;
  readonly worker?: string;
  readonly host?: string;
  readonly pid?: number;
  /** Workers that were heard of lately and run this workflow. */
  readonly liveWorkers?: number;
  readonly pausedBy?: string;
  readonly heldBy?: string;
  /** What else it waits for. */
  readonly others?: number;
  /** The share of Redis's memory that is used. */
  readonly memory?: number;
  readonly isRollingBack?: true;
}

export interface Explanation {
  readonly code: ExplanationCode;
  readonly sentence: string;
  readonly facts: ExplanationFacts;
}

export interface Evidence {
  readonly where: Whereabouts;
  /** Of the instance. */
  readonly steps: readonly StepDetails[];
  /** The store had lost entries of it, and nothing has happened since but that. */
  readonly hasLostEntries: boolean;
  /** Those that run the workflow. */
  readonly workers: readonly LiveWorker[];
  readonly headroom: Headroom | undefined;
  readonly pausedBy?: string | undefined;
}

export function explain(evidence: Evidence): Explanation {
  const { where, headroom } = evidence;
  const { status, endedAt } = where;
  if (isFinished(status)) {
    const facts = endedAt === undefined ? {} : { since: endedAt };
    return { code: "finished", sentence: `It is ${status}${at(" since ", endedAt)}.`, facts };
  }
  if (headroom && headroom.ratio >= 1) {
    const share = `${Math.round(headroom.ratio * 100)} %`;
    const sentence = `Redis is full (${share} of its memory is used) and records nothing new; it goes on when there is room.`;
    return { code: "redis_full", sentence, facts: { memory: headroom.ratio } };
  }
  if (status === "paused") return explainPause(evidence);
  const explanation = explainPlace(evidence);
  if (status !== "rollingBack") return explanation;
  return {
    ...explanation,
    sentence: `It rolls back. ${explanation.sentence}`,
    facts: { ...explanation.facts, isRollingBack: true },
  };
}

function explainPause({ where, hasLostEntries, pausedBy }: Evidence): Explanation {
  const { pausedAt } = where;
  const facts = { ...(pausedAt !== undefined && { since: pausedAt }) };
  const since = at(" since ", pausedAt);
  if (hasLostEntries) {
    const sentence = `It is paused${since} because Redis has lost entries of its history; resume it to go on without them.`;
    return { code: "entries_lost", sentence, facts };
  }
  const by = pausedBy === undefined ? "" : ` by ${pausedBy}`;
  const sentence = `It is paused${by}${since}, until somebody resumes it.`;
  return {
    code: "paused",
    sentence,
    facts: { ...facts, ...(pausedBy !== undefined && { pausedBy }) },
  };
}

function explainPlace(evidence: Evidence): Explanation {
  const { where, workers, steps } = evidence;
  const { ahead, limit, taken, queuedSince, placedAt, heldBy, now } = where;
  switch (where.place) {
    case "leases":
      return explainLease(evidence);
    case "held": {
      const facts = { ahead, ...(heldBy !== undefined && { heldBy }) };
      const sentence = `It waits until the earlier instance ${quote(heldBy)} of its schedule has ended, behind ${ahead} others.`;
      return { code: "held_by_schedule", sentence, facts };
    }
    case "backlog": {
      const facts = { ahead, limit, taken, liveWorkers: workers.length, ...sinceOf(queuedSince) };
      if (workers.length === 0) return withoutWorker("It is queued", facts);
      const sentence = `It is queued${at(" since ", queuedSince)} behind ${ahead} others, as the limit of ${limit} at once is reached.`;
      return { code: "queued_behind_limit", sentence, facts };
    }
    case "pending": {
      const facts = { ahead, liveWorkers: workers.length, ...sinceOf(queuedSince) };
      if (workers.length === 0) return withoutWorker("It may run", facts);
      const sentence = `It may run${at(" since ", queuedSince)} and waits for one of ${count(workers.length, "live worker")}, behind ${ahead} others.`;
      return { code: "waiting_for_worker", sentence, facts };
    }
    case "timers":
      if (placedAt !== undefined && placedAt <= now) return explainDue(evidence, placedAt);
      if (where.status !== "queued") return explainOpenSteps(steps, placedAt);
      return {
        code: "delayed",
        sentence: `Its start is delayed${at(" until ", placedAt)}.`,
        facts: { ...(placedAt !== undefined && { until: placedAt }) },
      };
    case "none":
      return explainOpenSteps(steps, undefined);
  }
}

/** A worker looks for what is due once a second at least. */
function explainDue({ workers }: Evidence, until: number): Explanation {
  const facts = { until, liveWorkers: workers.length };
  if (workers.length === 0) return withoutWorker(`It was due at ${toIso(until)}`, facts);
  return { code: "due", sentence: `It has been due since ${toIso(until)} and goes on now.`, facts };
}

function withoutWorker(beginning: string, facts: ExplanationFacts): Explanation {
  return {
    code: "no_worker",
    sentence: `${beginning}, but no live worker has this workflow.`,
    facts,
  };
}

function explainLease({ where, workers, steps }: Evidence): Explanation {
  const { status, now, placedAt = now, claimedAt, worker = "" } = where;
  const live = workers.find(({ id }) => id === worker);
  const facts = { worker, ...(live && { host: live.host, pid: live.pid }) };
  if (placedAt < now || !live) {
    const lost = { ...facts, until: placedAt, liveWorkers: workers.length };
    const gone = `Worker ${worker} has not been heard of`;
    const rest = `its instance is taken over at about ${toIso(placedAt)}`;
    if (workers.length === 0) return withoutWorker(`${gone}; ${rest}`, lost);
    return { code: "worker_lost", sentence: `${gone}; ${rest}.`, facts: lost };
  }
  const step = runningStep(steps);
  const all = { ...facts, ...sinceOf(claimedAt), ...(step && { step: step.name }) };
  const name = step ? `step ${quote(step.name)}` : "a step that has just begun, or between steps";
  if (status === "waitingForPause") {
    const sentence = `It pauses as soon as ${step ? name : "its running step"} has come to an end on worker ${worker}.`;
    return { code: "pausing", sentence, facts: all };
  }
  const on = `worker ${worker} (${live.host}, process ${live.pid})`;
  const sentence = `It runs on ${on}${at(" since ", claimedAt)}, in ${name}.`;
  return { code: "running", sentence, facts: all };
}

/** The last one that began and has not ended. */
function runningStep(steps: readonly StepDetails[]): DoDetails | undefined {
  return steps.findLast(
    (step): step is DoDetails =>
      "attempts" in step && step.end === undefined && step.retryAt === undefined,
  );
}

function sinceOf(since: number | undefined): { readonly since?: number } {
  return since === undefined ? {} : { since };
}

function at(preposition: string, instant: number | undefined): string {
  return instant === undefined ? "" : `${preposition}${toIso(instant)}`;
}

function quote(name: string | undefined): string {
  return name === undefined ? "" : `"${name}"`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function toIso(instant: number): string {
  return new Date(instant).toISOString();
}

/** What is to be said of a workflow, from where its instances are. */
import { OUTBOX_LIMIT } from "bullmq-workflows/internal";
import type {
  LiveWorker,
  Survey,
  WaitingRequests,
  WorkerLoad,
  WorkflowRecord,
} from "bullmq-workflows/internal";
import type { WorkflowScheduleStatus } from "bullmq-workflows";
import { countWords } from "../views/words.ts";
import { ago, finding, someOf } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** A live worker deals with what is due within seconds. */
export const OVERDUE_MS = 60_000;

/** Instances of each index that are looked at one by one. */
export const LOOKED_AT = 200;

/** Schedules look back a minute for what is late. */
const LATE_MS = 15_000;

/** For how long it is a matter that something was lost: a week. */
const LOSS_SAID_MS = 604_800_000;

const RUN_WORKER = "Run a worker that registers this workflow: `bullmq-workflows worker <entry>`.";

export interface WorkflowLook {
  readonly record: WorkflowRecord;
  readonly survey: Survey;
  readonly schedules: readonly WorkflowScheduleStatus[];
  /** All that are alive in the namespace. */
  readonly workers: readonly LiveWorker[];
}

export function checkWorkflow({ record, survey, schedules, workers }: WorkflowLook): Finding[] {
  const { name } = record;
  const loads = workers.flatMap((worker) => worker.workflows.filter((load) => load.name === name));
  const found = [
    ...checkWorkers(record, survey, loads),
    ...checkOrphans(name, survey),
    ...checkOverdue(name, survey),
    ...checkBacklog(name, survey),
    ...checkOutbox(name, survey),
    ...checkConsistency(name, survey),
    ...checkSchedules(name, survey.now, schedules),
  ];
  if (found.length > 0) return found;
  const { pending, leases, timers, expiry } = survey;
  const counts =
    `${leases.count} running, ${pending.count} ready to run, ${timers.count} asleep, ` +
    `${expiry.count} finished, ${countWords(loads.length, "worker")}`;
  return [finding("fine", "workflow", `${name}: ${counts}`)];
}

function checkWorkers(
  { name, versionId }: WorkflowRecord,
  { pending, leases, timers, backlogCount }: Survey,
  loads: readonly WorkerLoad[],
): Finding[] {
  if (loads.length === 0) {
    const waiting = pending.count + leases.count + timers.count + backlogCount;
    if (waiting === 0) return [finding("note", "workers", `${name}: no live worker runs it`)];
    const text = `${name}: no live worker runs it, and ${waiting} instances need one`;
    return [finding("problem", "workers", text, RUN_WORKER)];
  }
  const others = loads.filter((load) => (load.versionId ?? versionId) !== versionId).length;
  if (others === 0) return [];
  const text = `${name}: ${others} of ${loads.length} workers run another version than the newest`;
  return [
    finding("note", "workers", text, "So it is while a new one is rolled out, not for long."),
  ];
}

/** A lease that ran out is taken over by any live worker within a second. */
function checkOrphans(name: string, { now, leases }: Survey): Finding[] {
  if (leases.overdueCount === 0) return [];
  const since = ago(now - (leases.firstAt ?? now));
  const text = `${name}: ${leases.overdueCount} instances run on no worker, the first for ${since}`;
  return [finding("problem", "orphans", text, `No live worker takes them over. ${RUN_WORKER}`)];
}

function checkOverdue(name: string, { now, pending, timers, expiry }: Survey): Finding[] {
  const found: Finding[] = [];
  const since = (firstAt: number | undefined): string => ago(now - (firstAt ?? now));
  if (pending.overdueCount > 0) {
    const text = `${name}: ${pending.overdueCount} instances wait for a worker, the first for ${since(pending.firstAt)}`;
    const advice = `Workers are missing or busy. ${RUN_WORKER}`;
    found.push(finding("problem", "waiting for workers", text, advice));
  }
  if (timers.overdueCount > 0) {
    const text = `${name}: ${timers.overdueCount} instances were to be woken, the first ${since(timers.firstAt)} ago`;
    found.push(
      finding("problem", "overdue timers", text, `No live worker wakes them. ${RUN_WORKER}`),
    );
  }
  if (expiry.overdueCount > 0) {
    const text = `${name}: ${expiry.overdueCount} finished instances are kept longer than they should be`;
    found.push(
      finding("warning", "retention", text, `Any live worker deletes them. ${RUN_WORKER}`),
    );
  }
  return found;
}

/** Workers drop such a job when they take it. One that stays says that nobody takes any. */
export function checkJobs(
  name: string,
  { count }: WaitingRequests,
  missingIds: readonly string[],
): Finding[] {
  if (missingIds.length === 0) return [];
  const text = `${name}: of ${count} jobs that wait, ${missingIds.length} are for instances that are not there: ${someOf(missingIds)}`;
  const advice = "Any live worker drops them. If there is one, somebody else writes to its queue.";
  return [finding("warning", "jobs", text, advice)];
}

/** Instances are held back only while the limit is used up. */
function checkBacklog(name: string, survey: Survey): Finding[] {
  const { backlogCount, concurrencyLimit, pending, leases } = survey;
  if (backlogCount === 0) return [];
  const taken = pending.count + leases.count;
  if (concurrencyLimit === undefined || taken < concurrencyLimit) {
    const text = `${name}: ${backlogCount} instances are held back, and ${taken} of ${concurrencyLimit ?? "any number of"} slots are taken`;
    const advice = "Any live worker lets them in within seconds; if it stays so, report it.";
    return [finding("warning", "backlog", text, advice)];
  }
  const text = `${name}: ${backlogCount} instances are held back by the limit of ${concurrencyLimit}`;
  return [finding("note", "backlog", text, "Raise the concurrency limit if that is too many.")];
}

/** A server passes on what is in there within a second. */
function checkOutbox(name: string, { now, outboxCount, outboxLosses }: Survey): Finding[] {
  const found: Finding[] = [];
  if (outboxCount > OUTBOX_LIMIT / 2) {
    const text = `${name}: ${outboxCount} changes of status wait to be told to webhooks; at ${OUTBOX_LIMIT} the oldest are dropped`;
    const advice = "Run a server of this namespace that delivers, or delete its webhooks.";
    found.push(finding("warning", "outbox", text, advice));
  }
  if (outboxLosses && now - outboxLosses.lastAt < LOSS_SAID_MS) {
    const { count, lastAt } = outboxLosses;
    const text = `${name}: ${count} changes of status were never told to webhooks, the last ones were dropped ${ago(now - lastAt)} ago`;
    const advice = "No server passed them on in time. Ask the API for what has ended meanwhile.";
    found.push(finding("problem", "outbox", text, advice));
  }
  return found;
}

function checkConsistency(name: string, { strayIds, ghostIds }: Survey): Finding[] {
  const found: Finding[] = [];
  if (strayIds.length > 0) {
    const text = `${name}: nothing will wake ${strayIds.length} instances: ${someOf(strayIds)}`;
    const advice =
      "Something has changed keys by hand, or a restore was partial. Restart them, or delete them.";
    found.push(finding("problem", "stray instances", text, advice));
  }
  if (ghostIds.length > 0) {
    const text = `${name}: ${ghostIds.length} ids lead to no instance: ${someOf(ghostIds)}`;
    const advice = "Redis has lost their records, by eviction or a partial restore. Delete them.";
    found.push(finding("problem", "lost instances", text, advice));
  }
  return found;
}

function checkSchedules(
  name: string,
  now: number,
  schedules: readonly WorkflowScheduleStatus[],
): Finding[] {
  return schedules.flatMap(({ cron, timezone, nextAt }) => {
    const late = nextAt === undefined ? 0 : now - nextAt.getTime();
    if (late < LATE_MS) return [];
    const text = `${name}: the schedule "${cron}" (${timezone}) is ${ago(late)} late`;
    return [finding("problem", "schedules", text, `No live worker fires it. ${RUN_WORKER}`)];
  });
}

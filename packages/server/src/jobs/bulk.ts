/**
 * One action on all instances of a filter, oldest first, so many a second.
 *
 * It notes after every few instances up to where it has come, in the order of their creation, which does not
 * change whatever becomes of them: each is met once. After a crash the last few are met again; those that
 * had their event, or were restarted, are so no second time.
 */
import type { WorkflowInstance } from "bullmq-workflows";
import type { JobReport, ListScope, OpenWorkflow } from "bullmq-workflows/internal";
import { toApiError } from "../errors.ts";
import type { Turn } from "./turn.ts";

export const BULK_ACTIONS = [
  "pause",
  "resume",
  "terminate",
  "restart",
  "delete",
  "send_event",
] as const;

type BulkAction = (typeof BULK_ACTIONS)[number];

/** What is to be done to which instances. */
export interface BulkPlan {
  readonly action: BulkAction;
  readonly scope: ListScope;
  /** As it was asked for, for people. */
  readonly filter: Readonly<Record<string, unknown>>;
  /** Instances a second, at most. */
  readonly rate: number;
  readonly startedBy: string;
  /** ISO 8601. */
  readonly startedOn: string;
  /** With `terminate`: undoes their steps first. */
  readonly rollback?: boolean | undefined;
  /** With `send_event`; its payload is the job's material, as JSON. */
  readonly event?: { readonly type: string } | undefined;
}

interface BulkError {
  readonly id: string;
  readonly code: number;
  readonly message: string;
}

interface BulkProgress {
  /** Met so far. */
  readonly matched: number;
  readonly done: number;
  /** Those that were gone, or to which there was nothing to do. */
  readonly skipped: number;
  readonly failed: number;
  /** The first ones. */
  readonly errors: readonly BulkError[];
  /** Turns that are over. */
  readonly turn: number;
  /** Up to where it has come. */
  readonly cursor?: string;
}

interface BulkDetail {
  readonly plan: BulkPlan;
  readonly progress: BulkProgress;
}

const ERRORS_KEPT = 20;

/** Instances between two notes of how far it has come. */
const BATCH = 25;

const NOTHING: BulkProgress = { matched: 0, done: 0, skipped: 0, failed: 0, errors: [], turn: 0 };

export function toBulkDetail(plan: BulkPlan): string {
  return JSON.stringify({ plan, progress: NOTHING } satisfies BulkDetail);
}

export function fromBulkReport({ detail }: Pick<JobReport, "detail">): BulkDetail {
  return JSON.parse(detail) as BulkDetail;
}

export const takeBulkTurn: Turn = async (opened, job) => {
  const startedAt = performance.now();
  const { plan, progress } = fromBulkReport(job);
  const once = { job: job.id ?? "", turn: progress.turn };
  const order = { ...plan, workflow: opened.workflowOnce(once) };
  const payload: unknown = job.material === undefined ? undefined : JSON.parse(job.material);
  const { cursor: after } = progress;
  const limit = Math.min(BATCH, Math.max(1, Math.floor(plan.rate / 4)));
  const page = await opened.store.instances.list({
    ...plan.scope,
    first: "oldest",
    limit,
    ...(after !== undefined && { cursor: after }),
  });
  const outcomes = await Promise.all(
    page.instances.map(async ({ id }) => await attempt(id, { ...order, payload })),
  );
  const next = count(progress, outcomes);
  const takenMs = performance.now() - startedAt;
  return {
    isDone: page.cursor === undefined,
    detail: JSON.stringify({
      plan,
      progress: { ...next, ...(page.cursor && { cursor: page.cursor }) },
    }),
    waitMs: Math.max(0, (outcomes.length * 1_000) / plan.rate - takenMs),
  };
};

interface Order extends BulkPlan {
  readonly workflow: OpenWorkflow["workflow"];
  readonly payload: unknown;
}

type AttemptOutcome = "done" | "skipped" | BulkError;

/** Those in whose state there is nothing to do. */
const NOTHING_TO_DO: readonly unknown[] = [
  "instance.not_found",
  "instance.lost",
  "instance.cannot_terminate",
  "instance.not_running",
];

async function attempt(id: string, order: Order): Promise<AttemptOutcome> {
  try {
    await apply(await order.workflow.get(id), order);
    return "done";
  } catch (error) {
    if (NOTHING_TO_DO.includes((error as { readonly code?: unknown }).code)) return "skipped";
    const { status, code, message } = toApiError(error);
    // Redis is away: all of it is to be repeated later, and not to fail one by one.
    if (status === 503) throw error;
    return { id, code, message };
  }
}

async function apply(instance: WorkflowInstance, order: Order): Promise<void> {
  switch (order.action) {
    case "pause":
      return await instance.pause();
    case "resume":
      return await instance.resume();
    case "terminate":
      return await instance.terminate({ rollback: order.rollback === true });
    case "restart":
      return await instance.restart();
    case "delete":
      return await instance.delete();
    case "send_event": {
      const { event, payload } = order;
      return await instance.sendEvent({ type: event?.type ?? "", payload });
    }
  }
}

function count(before: BulkProgress, outcomes: readonly AttemptOutcome[]): BulkProgress {
  const failures = outcomes.filter((outcome) => typeof outcome === "object");
  const number = (name: "done" | "skipped"): number =>
    before[name] + outcomes.filter((outcome) => outcome === name).length;
  return {
    matched: before.matched + outcomes.length,
    done: number("done"),
    skipped: number("skipped"),
    failed: before.failed + failures.length,
    errors: [...before.errors, ...failures].slice(0, ERRORS_KEPT),
    turn: before.turn + 1,
  };
}

/** A bulk action as it stands. Ours. */
import type { JobReport } from "bullmq-workflows/internal";
import { z } from "zod";
import { BULK_ACTIONS, fromBulkReport } from "../jobs/bulk.ts";
import { Instant } from "../schemas.ts";
import { toIso } from "./workflow-view.ts";

export const BulkView = z
  .object({
    id: z.string(),
    action: z.enum(BULK_ACTIONS),
    filter: z.record(z.string(), z.unknown()),
    /** Instances a second, at most. */
    rate: z.number(),
    state: z.enum(["running", "complete", "cancelled"]),
    /** Met so far. */
    matched: z.number(),
    done: z.number(),
    /** Those that were gone, or to which there was nothing to do. */
    skipped: z.number(),
    failed: z.number(),
    /** The first ones. */
    errors: z.array(z.object({ id: z.string(), code: z.number(), message: z.string() })),
    started_by: z.string(),
    started_on: Instant,
    ended_on: Instant.nullable(),
  })
  .meta({ id: "Bulk" });

export function toBulkView(report: JobReport): z.input<typeof BulkView> {
  const { plan, progress } = fromBulkReport(report);
  const { matched, done, skipped, failed, errors } = progress;
  return {
    id: report.id,
    action: plan.action,
    filter: plan.filter,
    rate: plan.rate,
    state: report.state,
    matched,
    done,
    skipped,
    failed,
    errors: [...errors],
    started_by: plan.startedBy,
    started_on: plan.startedOn,
    ended_on: report.endedAt === undefined ? null : toIso(report.endedAt),
  };
}

/** The version of a workflow, of which there is one: what its settings were when they last changed. */
import type { WorkflowRecord } from "bullmq-workflows/internal";
import { z } from "zod";
import { Instant } from "../schemas.ts";
import { toIso } from "./workflow-view.ts";

export const VersionView = z
  .object({
    id: z.string(),
    class_name: z.string(),
    created_on: Instant,
    modified_on: Instant,
    workflow_id: z.string(),
    has_dag: z.boolean(),
    language: z.enum(["javascript", "python"]),
    limits: z.object({ steps: z.number().optional() }).optional(),
    concurrency: z.object({ limit: z.number().optional() }).optional(),
    default_retention: z
      .object({ success_retention: z.number().optional(), error_retention: z.number().optional() })
      .optional(),
  })
  .meta({ id: "Version" });

export function toVersionView(record: WorkflowRecord): z.input<typeof VersionView> {
  const { className, stepLimit, concurrencyLimit, retention } = record.settings;
  const { successMs, errorMs } = retention ?? {};
  return {
    id: record.versionId,
    class_name: className,
    created_on: toIso(record.modifiedAt),
    modified_on: toIso(record.modifiedAt),
    workflow_id: record.id,
    has_dag: false,
    language: "javascript",
    ...(stepLimit !== undefined && { limits: { steps: stepLimit } }),
    ...(concurrencyLimit !== undefined && { concurrency: { limit: concurrencyLimit } }),
    ...(retention && {
      default_retention: {
        ...(successMs !== undefined && { success_retention: successMs }),
        ...(errorMs !== undefined && { error_retention: errorMs }),
      },
    }),
  };
}

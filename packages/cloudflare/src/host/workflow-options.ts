/** A workflow's configuration in the words of `register`. The one place that maps them. */
import type { WorkflowOptions } from "bullmq-workflows";
import type { WorkflowConfig } from "../config/workflow-config.ts";

export function toWorkflowOptions(config: WorkflowConfig): WorkflowOptions {
  const { name, stepLimit, concurrencyLimit, schedules, retention } = config;
  return {
    name,
    // What the code was written to catch.
    errors: "cloudflare",
    ...(stepLimit !== undefined && { limits: { steps: stepLimit } }),
    ...(concurrencyLimit !== undefined && { concurrency: { limit: concurrencyLimit } }),
    ...(schedules && { schedules }),
    ...(retention && { retention: retention as NonNullable<WorkflowOptions["retention"]> }),
  };
}

/** An instance as Cloudflare shows it in lists and when it was created. */
import { tagsOf } from "bullmq-workflows/internal";
import type { InstanceSummary, WorkflowRecord } from "bullmq-workflows/internal";
import { z } from "zod";
import type { CreatedInstance } from "../schemas.ts";
import { Instant, Status, TriggerSource } from "../schemas.ts";
import { toIso } from "./workflow-view.ts";

/** Ours, in lists and in details. */
export const OWN_SHAPE = {
  /** Among instances that never ran, a lower number goes first. */
  priority: z.number(),
  tags: z.array(z.string()),
  /** When a delayed start is due. */
  delayed_until: Instant.optional(),
};

export const InstanceView = z
  .object({
    id: z.string(),
    created_on: Instant,
    modified_on: Instant,
    started_on: Instant.nullable(),
    ended_on: Instant.nullable(),
    status: Status,
    version_id: z.string(),
    workflow_id: z.string(),
    trigger_source: TriggerSource,
    ...OWN_SHAPE,
  })
  .meta({ id: "Instance" });

export function toInstanceView(
  instance: InstanceSummary,
  workflow: WorkflowRecord,
): z.input<typeof InstanceView> {
  const { startedAt, endedAt } = instance;
  return {
    id: instance.id,
    created_on: toIso(instance.createdAt),
    modified_on: toIso(instance.changedAt),
    started_on: startedAt === undefined ? null : toIso(startedAt),
    ended_on: endedAt === undefined ? null : toIso(endedAt),
    status: instance.status,
    version_id: workflow.versionId,
    workflow_id: workflow.id,
    trigger_source: instance.trigger,
    ...toOwnView(instance),
  };
}

export function toOwnView({
  priority,
  labels,
  delayedUntil,
}: Pick<InstanceSummary, "priority" | "labels" | "delayedUntil">): {
  readonly priority: number;
  readonly tags: string[];
  readonly delayed_until?: string;
} {
  return {
    priority,
    tags: [...tagsOf(labels)],
    ...(delayedUntil !== undefined && { delayed_until: toIso(delayedUntil) }),
  };
}

export function toCreated(id: string, workflow: WorkflowRecord): z.input<typeof CreatedInstance> {
  return {
    id,
    status: "queued",
    version_id: workflow.versionId,
    workflow_id: workflow.id,
    trigger_source: "api",
  };
}

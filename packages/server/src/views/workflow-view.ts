/** A workflow as Cloudflare shows it. */
import { toScheduleStatus } from "bullmq-workflows/internal";
import type { OpenWorkflow, SchedulesInForce, WorkflowRecord } from "bullmq-workflows/internal";
import { z } from "zod";
import { Instant } from "../schemas.ts";

export const WorkflowView = z
  .object({
    id: z.string(),
    name: z.string(),
    class_name: z.string(),
    script_name: z.string(),
    created_on: Instant,
    modified_on: Instant,
    triggered_on: Instant.nullable(),
    instances: z.record(z.string(), z.number()),
    schedules: z.array(z.object({ cron: z.string(), next_instance: Instant })).optional(),
  })
  .meta({ id: "Workflow" });

export function toIso(at: number): string {
  return new Date(at).toISOString();
}

export async function toWorkflowView(
  record: WorkflowRecord,
  { store }: Pick<OpenWorkflow, "store">,
): Promise<z.input<typeof WorkflowView>> {
  const [counts, newest, inForce] = await Promise.all([
    store.instances.counts(),
    store.instances.list({ limit: 1 }),
    store.schedules.inForce(),
  ]);
  const schedules = toSchedules(inForce);
  const [last] = newest.instances;
  return {
    id: record.id,
    name: record.name,
    class_name: record.settings.className,
    script_name: record.settings.scriptName,
    created_on: toIso(record.createdAt),
    modified_on: toIso(record.modifiedAt),
    triggered_on: last ? toIso(last.createdAt) : null,
    instances: counts,
    ...(schedules.length > 0 && { schedules }),
  };
}

/** Those whose dates have all passed have no next instance. */
function toSchedules({ states, now }: SchedulesInForce): { cron: string; next_instance: string }[] {
  return states.flatMap((state) => {
    const { cron, nextAt } = toScheduleStatus(state, now);
    return nextAt ? [{ cron, next_instance: nextAt.toISOString() }] : [];
  });
}

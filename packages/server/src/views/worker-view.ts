/** A process that runs workflows. Ours: Cloudflare has no such thing. */
import type { LiveWorker } from "bullmq-workflows/internal";
import { z } from "zod";
import { Instant } from "../schemas.ts";
import { toIso } from "./workflow-view.ts";

export const WorkerView = z
  .object({
    /** As in what is said of an instance that it runs. */
    id: z.string(),
    host: z.string(),
    pid: z.number(),
    /** By the clock of its machine. */
    started_on: Instant,
    heard_on: Instant,
    workflows: z.array(
      z.object({
        name: z.string(),
        version_id: z.string().optional(),
        /** Instances that it runs at once. */
        concurrency: z.number(),
        /** Instances that it ran when it was heard last. */
        active: z.number(),
      }),
    ),
  })
  .meta({ id: "Worker" });

/** @param isVisible whether who asks may know of a workflow. */
export function toWorkerView(
  worker: LiveWorker,
  isVisible: (workflow: string) => boolean = () => true,
): z.input<typeof WorkerView> {
  const { id, host, pid, startedAt, heardAt, workflows } = worker;
  return {
    id,
    host,
    pid,
    started_on: toIso(startedAt),
    heard_on: toIso(heardAt),
    workflows: workflows
      .filter(({ name }) => isVisible(name))
      .map(({ versionId, ...load }) => ({
        ...load,
        ...(versionId !== undefined && { version_id: versionId }),
      })),
  };
}

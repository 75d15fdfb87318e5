/** A workflow as the local explorer shows it. */
import type { WorkflowRecord } from "bullmq-workflows/internal";
import { z } from "zod";

export const ExplorerWorkflow = z.object({
  name: z.string(),
  class_name: z.string(),
  script_name: z.string(),
});

export function toExplorerWorkflow({
  name,
  settings,
}: WorkflowRecord): z.input<typeof ExplorerWorkflow> {
  return { name, class_name: settings.className, script_name: settings.scriptName };
}

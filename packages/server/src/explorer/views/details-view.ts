/**
 * An instance as the local explorer shows it: as the REST API does, with values in place of their texts,
 * without what it does not know of, and without what undid a step.
 */
import { jsonView } from "bullmq-workflows/internal";
import type { Inspection, StepDetails, WorkflowRecord } from "bullmq-workflows/internal";
import { z } from "zod";
import { DetailsView, Step, toDetailsView } from "../../views/details-view.ts";

export const ExplorerDetails = DetailsView.pick({
  status: true,
  params: true,
  queued: true,
  start: true,
  end: true,
  error: true,
  step_count: true,
}).extend({ output: z.unknown(), steps: z.array(z.unknown()) });

export function toExplorerDetails(
  inspection: Inspection,
  workflow: WorkflowRecord,
): z.input<typeof ExplorerDetails> {
  const { terminatedAt: _, ...rest } = inspection;
  const done = inspection.steps.filter(({ type }) => type !== "rollback");
  const order = { order: "asc", isSimple: false } as const;
  const view = toDetailsView({ ...rest, steps: done }, workflow, order);
  const { status, params, queued, start, end, error, step_count } = view;
  return {
    status,
    params,
    queued,
    start,
    end,
    error,
    step_count,
    output: inspection.output ? (jsonView(inspection.output.value) ?? null) : null,
    steps: view.steps.map((step, index) => withValue(step, done[index])),
  };
}

function withValue(view: z.input<typeof Step>, step: StepDetails | undefined): unknown {
  if (!step) return view;
  const end = step.end === undefined ? { end: null } : {};
  if (step.type === "sleep") return { ...view, ...end };
  if (step.type === "waitForEvent") {
    return { ...view, ...end, output: step.event ? jsonView(step.event) : null };
  }
  const { output: _, ...others } = { output: undefined, ...view };
  return step.output ? { ...others, output: jsonView(step.output.value) } : others;
}

/** Why an instance does not run, in one sentence; and the same for programs. */
import { EXPLANATION_CODES } from "bullmq-workflows/internal";
import type { ExplanationFacts } from "bullmq-workflows/internal";
import { z } from "zod";
import { instanceNotFound } from "../api-error.ts";
import { operation } from "../operation.ts";
import { Instant, InstancePath, NamedMessage } from "../schemas.ts";
import { toIso } from "../views/workflow-view.ts";
import { findWhoPaused } from "../who-paused.ts";

const Facts = z.object({
  since: Instant.optional(),
  until: Instant.optional(),
  step: z.string().optional(),
  event_type: z.string().optional(),
  attempt: z.number().optional(),
  attempts: z.number().optional(),
  error: NamedMessage.optional(),
  ahead: z.number().optional(),
  limit: z.number().optional(),
  taken: z.number().optional(),
  worker: z.string().optional(),
  host: z.string().optional(),
  pid: z.number().optional(),
  live_workers: z.number().optional(),
  paused_by: z.string().optional(),
  held_by: z.string().optional(),
  others: z.number().optional(),
  memory: z.number().optional(),
  is_rolling_back: z.literal(true).optional(),
});

export const getWhy = operation({
  id: "getWhy",
  summary: "Say why an instance does not run",
  role: "view",
  path: InstancePath,
  result: z
    .object({ code: z.enum(EXPLANATION_CODES), sentence: z.string(), facts: Facts })
    .meta({ id: "Explanation" }),
  handle: async ({ workflow, path, namespace, audit }) => {
    const { why } = await workflow();
    const place = { namespace: namespace.name, ...path };
    const explanation = await why(path.instance_id, async (pausedAt) => {
      return await findWhoPaused(audit, place, pausedAt);
    });
    if (!explanation) throw instanceNotFound();
    const { code, sentence, facts } = explanation;
    return { result: { code, sentence, facts: toFacts(facts) } };
  },
});

function toFacts(facts: ExplanationFacts): z.input<typeof Facts> {
  const { since, until, eventType, liveWorkers, pausedBy, heldBy, isRollingBack, ...rest } = facts;
  return {
    ...rest,
    ...(since !== undefined && { since: toIso(since) }),
    ...(until !== undefined && { until: toIso(until) }),
    ...(eventType !== undefined && { event_type: eventType }),
    ...(liveWorkers !== undefined && { live_workers: liveWorkers }),
    ...(pausedBy !== undefined && { paused_by: pausedBy }),
    ...(heldBy !== undefined && { held_by: heldBy }),
    ...(isRollingBack && { is_rolling_back: true as const }),
  };
}

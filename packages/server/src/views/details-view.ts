/** An instance with its steps, in the mixture of names that Cloudflare has for it. */
import { isFinished, jsonView } from "bullmq-workflows/internal";
import type {
  AttemptDetails,
  DoDetails,
  Inspection,
  SleepDetails,
  StepDetails,
  WaitDetails,
  WorkflowRecord,
} from "bullmq-workflows/internal";
import { z } from "zod";
import { Instant, NamedMessage, Status, TriggerSource } from "../schemas.ts";
import { OWN_SHAPE, toOwnView } from "./instance-view.ts";
import { toIso } from "./workflow-view.ts";

/** Characters of an output that are shown; the operation for one step shows all of it. */
const OUTPUT_LIMIT = 10_000;

const TRUNCATED = "[truncated output]";

const Attempt = z.object({
  start: Instant,
  end: Instant.nullable(),
  success: z.boolean().nullable(),
  error: NamedMessage.nullable(),
});

const Duration = z.union([z.number(), z.string()]);

const DoStep = z.object({
  type: z.enum(["step", "rollback"]),
  name: z.string(),
  start: Instant,
  end: Instant.nullable(),
  success: z.boolean().nullable(),
  output: z.string().nullable(),
  config: z.object({
    retries: z.object({
      limit: z.number(),
      delay: Duration,
      backoff: z.enum(["constant", "linear", "exponential"]).optional(),
    }),
    timeout: Duration,
    sensitive: z.literal("output").optional(),
  }),
  attempts: z.array(Attempt),
});

const SleepStep = z.object({
  type: z.literal("sleep"),
  name: z.string(),
  start: Instant,
  end: Instant.nullable(),
  finished: z.boolean(),
  error: NamedMessage.nullable(),
});

const WaitStep = SleepStep.extend({
  type: z.literal("waitForEvent"),
  event_type: z.string().optional(),
  output: z.string().optional(),
});

const Termination = z.object({
  type: z.literal("termination"),
  trigger: z.object({ source: z.string() }),
});

const Rollback = z.object({
  outcome: z.enum(["complete", "failed"]),
  error: NamedMessage.nullable(),
});

export const Step = z.union([DoStep, SleepStep, WaitStep, Termination]).meta({ id: "Step" });

export const DetailsView = z
  .object({
    status: Status,
    params: z.unknown(),
    trigger: z.object({ source: TriggerSource }),
    versionId: z.string(),
    queued: Instant,
    start: Instant.nullable(),
    end: Instant.nullable(),
    success: z.boolean().nullable(),
    error: NamedMessage.nullable(),
    output: z.string().nullable(),
    rollback: Rollback.nullable(),
    step_count: z.number(),
    steps: z.array(Step),
    ...OWN_SHAPE,
  })
  .meta({ id: "InstanceDetails" });

export interface DetailsOptions {
  readonly order: "asc" | "desc";
  /** Leaves the steps out. */
  readonly isSimple: boolean;
}

export function toDetailsView(
  inspection: Inspection,
  workflow: WorkflowRecord,
  { order, isSimple }: DetailsOptions,
): z.input<typeof DetailsView> {
  const { record, params, output, error } = inspection;
  const { status, trigger, createdAt, startedAt, endedAt } = record;
  const steps = isSimple ? [] : stepsOf(inspection);
  return {
    status,
    params: jsonView(params),
    trigger: { source: trigger },
    versionId: workflow.versionId,
    queued: toIso(createdAt),
    start: toIsoOrNull(startedAt),
    end: toIsoOrNull(endedAt),
    success: isFinished(status) ? status === "complete" : null,
    error: error ?? null,
    output: output ? toOutput(output.value) : null,
    rollback: inspection.rollback ?? null,
    step_count: inspection.steps.length,
    steps: order === "desc" ? steps.toReversed() : steps,
    ...toOwnView(record),
  };
}

function stepsOf({ steps, terminatedAt }: Inspection): z.input<typeof Step>[] {
  const shown = steps.map(toStep);
  if (terminatedAt === undefined) return shown;
  return [...shown, { type: "termination", trigger: { source: "unknown" } }];
}

function toStep(step: StepDetails): z.input<typeof Step> {
  switch (step.type) {
    case "step":
    case "rollback":
      return toDoStep(step);
    case "sleep":
      return toSleep(step);
    case "waitForEvent":
      return toWait(step);
  }
}

function toDoStep(step: DoDetails): z.input<typeof DoStep> {
  const { retries, timeout, sensitive } = step.config;
  return {
    type: step.type,
    name: step.name,
    start: toIso(step.start),
    end: toIsoOrNull(step.end),
    success: step.end === undefined ? null : step.error === undefined,
    output: step.output ? toOutput(step.output.value) : null,
    config: { retries, timeout, ...(sensitive && { sensitive }) },
    attempts: step.attempts.map(toAttempt),
  };
}

function toAttempt({ start, end, error }: AttemptDetails): z.input<typeof Attempt> {
  return {
    start: toIso(start),
    end: toIsoOrNull(end),
    success: end === undefined ? null : error === undefined,
    error: error ?? null,
  };
}

/** While it lasts, its end is when it is due. */
function toSleep(step: SleepDetails): z.input<typeof SleepStep> {
  return {
    type: "sleep",
    name: step.name,
    start: toIso(step.start),
    end: toIso(step.end ?? step.wakeAt),
    finished: step.end !== undefined,
    error: step.error ?? null,
  };
}

function toWait(step: WaitDetails): z.input<typeof WaitStep> {
  return {
    type: "waitForEvent",
    name: step.name,
    start: toIso(step.start),
    end: toIsoOrNull(step.end),
    finished: step.end !== undefined,
    error: step.error ?? null,
    event_type: step.eventType,
    ...(step.event && { output: toOutput(step.event) ?? "null" }),
  };
}

/** JSON text, cut when it is long. What `run` or a step did not return is `null`. */
function toOutput(value: unknown): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(jsonView(value));
  return text.length <= OUTPUT_LIMIT ? text : `${text.slice(0, OUTPUT_LIMIT)}${TRUNCATED}`;
}

function toIsoOrNull(at: number | undefined): string | null {
  return at === undefined ? null : toIso(at);
}

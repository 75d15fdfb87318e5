/** What one step, or one attempt of it, came to; its whole output, which the details of an instance cut. */
import { jsonView } from "bullmq-workflows/internal";
import type { DoDetails, Inspection, StepDetails } from "bullmq-workflows/internal";
import { z } from "zod";
import { instanceNotFound, stepNotFound } from "../api-error.ts";
import { tellBytes } from "../live/byte-source.ts";
import { operation } from "../operation.ts";
import { InstancePath, NamedMessage, Status } from "../schemas.ts";

const StepResult = z.object({
  status: Status,
  error: NamedMessage.nullable(),
  output: z.unknown().optional(),
  event_type: z.string().optional(),
});

export const getStep = operation({
  id: "getStep",
  summary: "Get what a step came to",
  role: "view",
  path: InstancePath,
  query: z.object({
    name: z.string().min(1).max(300).describe("The step's name with its count: `charge-1`."),
    type: z.enum(["step", "waitForEvent"]).optional().describe("`step` if not said."),
    attempt: z.coerce
      .number()
      .int()
      .min(1)
      .optional()
      .describe("Which attempt; the last one if not said."),
  }),
  result: StepResult,
  streams: ["application/octet-stream"],
  handle: async ({ workflow, path, query, live }) => {
    const { inspect, openStream } = await workflow();
    const { instance_id: instanceId } = path;
    const inspection = await inspect(instanceId);
    if (!inspection) throw instanceNotFound();
    const { name, type = "step", attempt } = query;
    const step = findStep(inspection, name, type);
    const reference = streamOf(step, attempt);
    if (reference) {
      return await live(async () =>
        tellBytes(
          (isOver) => openStream({ instanceId, step: name, reference, isOver }),
          reference.bytes,
        ),
      );
    }
    return { result: attempt === undefined ? toResult(step) : toAttemptResult(step, attempt) };
  },
});

function findStep({ steps }: Inspection, name: string, type: string): StepDetails {
  const step = steps.find((each) => each.type === type && each.name === name);
  if (!step) throw stepNotFound();
  return step;
}

/** Of the attempt that returned it. Who asks for another one is answered as for any step. */
function streamOf(step: StepDetails, attempt: number | undefined): DoDetails["stream"] {
  if (step.type !== "step" || step.stream === undefined) return undefined;
  return attempt === undefined || attempt === step.attempts.length ? step.stream : undefined;
}

function toResult(step: StepDetails): z.input<typeof StepResult> {
  const { error = null } = step;
  if (step.type === "waitForEvent") {
    const output = step.event && { output: jsonView(step.event) };
    return { status: statusOf(step), error, ...output, event_type: step.eventType };
  }
  const output = step.type === "step" && step.output && { output: jsonView(step.output.value) };
  return { status: statusOf(step), error, ...output };
}

function toAttemptResult(step: StepDetails, number: number): z.input<typeof StepResult> {
  const attempt = step.type === "step" ? step.attempts[number - 1] : undefined;
  if (step.type !== "step" || !attempt) throw stepNotFound();
  if (number === step.attempts.length) return { ...toResult(step), error: attempt.error ?? null };
  return { status: "errored", error: attempt.error ?? null };
}

function statusOf(step: StepDetails): "complete" | "errored" | "waiting" | "running" {
  if (step.end !== undefined) return step.error === undefined ? "complete" : "errored";
  const isWaiting = step.type !== "step" || step.retryAt !== undefined;
  return isWaiting ? "waiting" : "running";
}

/**
 * Makes a workflow known, or gives it other settings; each call makes a version.
 *
 * What is not said is not kept. A limit of concurrency holds at once, for all workers; of how many steps a
 * run may make, and what its code is, the programs that run it have the say, as they do again of all of it
 * when they next start.
 */
import { randomUUID } from "node:crypto";
import {
  isValidWorkflowName,
  normalizeCron,
  parseDuration,
  SCHEDULE_LIMIT,
  whyInvalidCron,
} from "bullmq-workflows/internal";
import type { WorkflowRecord, WorkflowSettings } from "bullmq-workflows/internal";
import { z } from "zod";
import { invalidInput } from "../api-error.ts";
import { operation } from "../operation.ts";
import { Instant, RetentionPeriods, WorkflowPath } from "../schemas.ts";
import { toWorkflowView } from "../views/workflow-view.ts";

const Body = z.object({
  script_name: z.string().min(1).max(255),
  class_name: z.string().min(1).max(255),
  limits: z.object({ steps: z.number().int().min(1).max(25_000).optional() }).optional(),
  concurrency: z.object({ limit: z.number().int().min(1).optional() }).optional(),
  default_retention: RetentionPeriods.optional(),
  schedules: z
    .array(
      z.object({
        cron: z
          .string()
          .max(256)
          .meta({ examples: ["0 6 * * *"] }),
      }),
    )
    .max(SCHEDULE_LIMIT)
    .optional()
    .describe("In place of those of the code. Without any, these are in force."),
  jurisdiction: z.enum(["eu", "fedramp", "us"]).optional(),
});

export const putWorkflow = operation({
  id: "putWorkflow",
  summary: "Create a workflow, or make a version of it with other settings",
  role: "admin",
  path: WorkflowPath,
  body: Body,
  result: z.object({
    id: z.string(),
    name: z.string(),
    class_name: z.string(),
    script_name: z.string(),
    created_on: Instant,
    modified_on: Instant,
    triggered_on: Instant.nullable(),
    version_id: z.string(),
    is_deleted: z.number(),
    terminator_running: z.number(),
  }),
  handle: async ({ namespace, path, body }) => {
    const name = path.workflow_name;
    if (!isValidWorkflowName(name))
      throw invalidInput("`workflow_name`: at most 64 letters, digits, - and _");
    const crons = (body.schedules ?? []).map(({ cron }) => normalizeCron(cron));
    checkCrons(crons);
    const known = await namespace.directory.workflow(name);
    const record = await namespace.directory.announce({
      name,
      settings: toSettings(body, known),
      id: randomUUID(),
      versionId: randomUUID(),
      renews: "always",
    });
    const opened = namespace.open(record);
    await opened.limitConcurrency(record.settings.concurrencyLimit ?? 0);
    await opened.putSchedules(crons);
    const {
      instances: _instances,
      schedules: _schedules,
      ...view
    } = await toWorkflowView(record, opened);
    const version = { version_id: record.versionId, is_deleted: 0, terminator_running: 0 };
    return { result: { ...view, ...version } };
  },
});

/** @throws {@link ApiError} 400 before anything is written */
function checkCrons(crons: readonly string[]): void {
  const wrong = crons.map(whyInvalidCron).find((reason) => reason !== undefined);
  if (wrong !== undefined) throw invalidInput(`\`schedules\`: expected \`cron\` to be ${wrong}`);
  const twice = crons.find((cron, index) => crons.indexOf(cron) < index);
  if (twice !== undefined) throw invalidInput(`\`schedules\`: \`${twice}\` is there twice`);
}

/** What instances are found by only the code has the say of. */
function toSettings(
  body: z.output<typeof Body>,
  known: WorkflowRecord | undefined,
): WorkflowSettings {
  const { limits, concurrency, default_retention: retention } = body;
  const successMs = toMs(retention?.success_retention);
  const errorMs = toMs(retention?.error_retention);
  return {
    className: body.class_name,
    scriptName: body.script_name,
    ...(known?.settings.searchable && { searchable: known.settings.searchable }),
    ...(limits?.steps !== undefined && { stepLimit: limits.steps }),
    ...(concurrency?.limit !== undefined && { concurrencyLimit: concurrency.limit }),
    ...(retention && {
      retention: {
        ...(successMs !== undefined && { successMs }),
        ...(errorMs !== undefined && { errorMs }),
      },
    }),
  };
}

function toMs(period: string | number | undefined): number | undefined {
  return period === undefined ? undefined : Math.ceil(parseDuration(period));
}

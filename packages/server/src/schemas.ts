/** The parts that several operations' schemas are made of. */
import { BATCH_LIMIT, parseDuration, STATUSES, TAG_LIMIT } from "bullmq-workflows/internal";
import { z } from "zod";

/** Cloudflare's statuses. Some are ones that no instance has here yet; filtering by them finds nothing. */
export const Status = z.enum([...STATUSES, "unknown"]).meta({
  id: "InstanceStatus",
});

export const Instant = z.string().meta({ id: "Instant", format: "date-time" });

export const NamedMessage = z.object({ name: z.string(), message: z.string() }).meta({
  id: "NamedMessage",
});

export const TriggerSource = z.enum(["unknown", "api", "binding", "event", "cron"]);

/** A number of milliseconds, or a duration in words. */
const RetentionPeriod = z
  .union([z.number(), z.string()])
  .refine((value) => parseDuration(value) > 0 && Number.isFinite(parseDuration(value)), {
    message: 'must be milliseconds, or a number and a unit such as "7 days"',
  })
  .meta({
    id: "RetentionPeriod",
    description: 'Milliseconds, or words such as "7 days".',
    examples: ["7 days"],
  });

export const RetentionPeriods = z.object({
  success_retention: RetentionPeriod.optional(),
  error_retention: RetentionPeriod.optional(),
});

/** What one new instance is told. Strings are JSON if they can be read as such. */
export const NewInstance = z
  .object({
    instance_id: z
      .string()
      .optional()
      .meta({
        description: "Letters, digits, - and _, at most 100. One is made up if there is none.",
        examples: ["order-1"],
      }),
    params: z
      .unknown()
      .optional()
      .describe("What `run` is given. Text that can be read as JSON is taken as that."),
    instance_retention: RetentionPeriods.optional().describe("How long it is kept once it ended."),
    location_hint: z.string().max(32).optional().describe("Of no effect here."),
    priority: z
      .number()
      .int()
      .min(1)
      .max(2_000_000)
      .optional()
      .describe("Ours. Among new instances a lower number goes first; 1000 as if not said."),
    delay: z
      .union([z.number(), z.string().max(64)])
      .optional()
      .meta({
        description: "Ours. Milliseconds or a duration by which it starts later.",
        examples: ["5 minutes", 0],
      }),
    tags: z
      .array(
        z
          .string()
          .max(100)
          .meta({ examples: ["vip"] }),
      )
      .max(TAG_LIMIT)
      .optional()
      .describe("Ours. What it can be found by: letters, digits and _ . : @ / = + -, at most 64."),
  })
  .meta({ id: "NewInstance" });

export const CreatedInstance = z
  .object({
    id: z.string(),
    status: Status,
    version_id: z.string(),
    workflow_id: z.string(),
    trigger_source: TriggerSource.optional(),
  })
  .meta({ id: "CreatedInstance" });

export const InstanceIds = z.array(z.string().max(1_000)).min(1).max(BATCH_LIMIT);

export const WorkflowPath = z.object({
  workflow_name: z.string().describe("The workflow's name."),
});

export const InstancePath = WorkflowPath.extend({
  instance_id: z.string().describe("The instance's id."),
});

export const BulkPath = WorkflowPath.extend({
  bulk_id: z.string().max(100).describe("The id of a bulk action."),
});

export const VersionPath = WorkflowPath.extend({
  version_id: z.string().describe("The id of a version of the workflow."),
});

/** A parameter of a query that may be repeated, or have several values with commas between them. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess(
    (given) =>
      given === undefined ? undefined : [given].flat().flatMap((text) => String(text).split(",")),
    z.array(item),
  );
}

/** What a feed tells. */
export const FeedEvent = z
  .discriminatedUnion("type", [
    z.object({
      type: z.literal("status"),
      workflow_name: z.string(),
      instance_id: z.string(),
      status: z.enum([...STATUSES, "deleted"]),
      /** Epoch milliseconds. */
      timestamp: z.number(),
    }),
    z.object({
      type: z.literal("reset"),
      reason: z.enum(["opened", "gap", "slow", "workflow_added"]),
      workflow_name: z.string().optional(),
    }),
  ])
  .meta({ id: "FeedEvent" });

export const FeedQuery = z.object({
  status: listOf(z.enum([...STATUSES, "deleted"]))
    .optional()
    .describe(
      "The statuses to be told of; all if not said. Repeated, or with commas between them.",
    ),
});

export const WebhookPath = z.object({ webhook_id: z.string().describe("The webhook's id.") });

const Integer = z.coerce.number().int();

export const PageQuery = z.object({
  page: Integer.min(1)
    .max(1_000_000_000)
    .optional()
    .describe("Which page, from 1. One past the end is empty."),
  per_page: Integer.min(1).max(100).optional().describe("Items on a page; 25 if not said."),
});

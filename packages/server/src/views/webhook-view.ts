/** A webhook as it is shown: all but its secret, which is shown when it is made. */
import { z } from "zod";
import { Instant } from "../schemas.ts";
import { WEBHOOK_EVENT_TYPES } from "../webhooks/webhook.ts";
import type { Webhook } from "../webhooks/webhook.ts";
import { toIso } from "./workflow-view.ts";

export const WebhookEventTypes = z
  .array(z.enum(WEBHOOK_EVENT_TYPES))
  .min(1)
  .max(20)
  .describe("What it is told of.");

export const WebhookUrl = z
  .string()
  .min(1)
  .max(2_000)
  .meta({ format: "uri", description: "What is called." });

export const WebhookDescription = z.string().max(300).describe("For people.");

export const WebhookView = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    workflow_name: z.string().nullable(),
    event_types: z.array(z.enum(WEBHOOK_EVENT_TYPES)),
    status: z.enum(["enabled", "disabled"]),
    disabled_on: Instant.nullable(),
    disabled_reason: z.enum(["by_request", "failing", "gone"]).nullable(),
    failing_since: Instant.nullable(),
    created_on: Instant,
    modified_on: Instant,
  })
  .meta({ id: "Webhook" });

export const WebhookWithSecret = WebhookView.extend({ secret: z.string() }).meta({
  id: "WebhookWithSecret",
});

export function toWebhookView(webhook: Webhook): z.input<typeof WebhookView> {
  const { id, url, description, workflow, eventTypes, disabled, failingSince } = webhook;
  return {
    id,
    url,
    description,
    workflow_name: workflow ?? null,
    event_types: [...eventTypes],
    status: disabled ? "disabled" : "enabled",
    disabled_on: disabled ? toIso(disabled.at) : null,
    disabled_reason: disabled?.reason ?? null,
    failing_since: failingSince === undefined ? null : toIso(failingSince),
    created_on: toIso(webhook.createdAt),
    modified_on: toIso(webhook.modifiedAt),
  };
}

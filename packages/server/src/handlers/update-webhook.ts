/** Changes what a webhook says, disables it, or enables it again: then it counts as one that never failed. */
import { z } from "zod";
import { invalidInput, webhookNotFound } from "../api-error.ts";
import { operation } from "../operation.ts";
import { WebhookPath } from "../schemas.ts";
import {
  toWebhookView,
  WebhookDescription,
  WebhookEventTypes,
  WebhookUrl,
  WebhookView,
} from "../views/webhook-view.ts";
import { findWebhook } from "../webhooks/access.ts";
import { whyUrlRefused } from "../webhooks/address-guard.ts";
import type { Webhook } from "../webhooks/webhook.ts";

const Change = z.strictObject({
  url: WebhookUrl.optional(),
  description: WebhookDescription.optional(),
  event_types: WebhookEventTypes.optional(),
  status: z
    .enum(["enabled", "disabled"])
    .optional()
    .describe("One that is enabled again counts as one that never failed."),
});

export const updateWebhook = operation({
  id: "updateWebhook",
  summary: "Change, disable or enable a webhook",
  role: "admin",
  path: WebhookPath,
  body: Change.meta({ id: "WebhookChange" }),
  result: WebhookView,
  handle: async (call) => {
    const { webhooks, body } = call;
    const refusal = body.url === undefined ? undefined : whyUrlRefused(body.url, webhooks.rules);
    if (refusal !== undefined) throw invalidInput(`\`url\`: ${refusal}`);
    const { id } = await findWebhook(call);
    const changed = await webhooks.registry.change(id, (webhook) => apply(webhook, body));
    if (!changed) throw webhookNotFound();
    return { result: toWebhookView(changed) };
  },
});

function apply(webhook: Webhook, change: z.output<typeof Change>): Webhook {
  const { url = webhook.url, description = webhook.description, event_types, status } = change;
  const eventTypes = event_types ?? webhook.eventTypes;
  const now = Date.now();
  const changed = { ...webhook, url, description, eventTypes, modifiedAt: now };
  if (status === undefined) return changed;
  const { disabled, failingSince: _, ...enabled } = changed;
  if (status === "enabled") return enabled;
  return { ...changed, disabled: disabled ?? { at: now, reason: "by_request" } };
}

/** Makes a webhook. Its secret is told here, and when it is exchanged, and never again. */
import { isValidWorkflowName } from "bullmq-workflows/internal";
import { z } from "zod";
import { invalidInput } from "../api-error.ts";
import { operation } from "../operation.ts";
import {
  toWebhookView,
  WebhookDescription,
  WebhookEventTypes,
  WebhookUrl,
  WebhookWithSecret,
} from "../views/webhook-view.ts";
import { checkMaySee } from "../webhooks/access.ts";
import { whyUrlRefused } from "../webhooks/address-guard.ts";
import { DEFAULT_EVENT_TYPES } from "../webhooks/webhook.ts";

export const createWebhook = operation({
  id: "createWebhook",
  summary: "Have an address told of what happens to instances",
  role: "admin",
  path: z.object({}),
  body: z
    .strictObject({
      url: WebhookUrl,
      description: WebhookDescription.optional(),
      workflow_name: z
        .string()
        .refine(isValidWorkflowName, { message: "must be a workflow's name" })
        .optional()
        .describe("The workflow that it is about; all if not said."),
      event_types: WebhookEventTypes.optional(),
    })
    .meta({ id: "NewWebhook" }),
  result: WebhookWithSecret,
  handle: async ({ principal, webhooks, body }) => {
    const { url, description = "", workflow_name: workflow } = body;
    checkMaySee(principal, workflow);
    const refusal = whyUrlRefused(url, webhooks.rules);
    if (refusal !== undefined) throw invalidInput(`\`url\`: ${refusal}`);
    const eventTypes = body.event_types ?? DEFAULT_EVENT_TYPES;
    const webhook = await webhooks.registry.create({ url, description, workflow, eventTypes });
    return { result: { ...toWebhookView(webhook), secret: webhook.secret } };
  },
});

/** Gives a webhook another secret. For a day messages are signed with the one before as well. */
import { webhookNotFound } from "../api-error.ts";
import { operation } from "../operation.ts";
import { WebhookPath } from "../schemas.ts";
import { toWebhookView, WebhookWithSecret } from "../views/webhook-view.ts";
import { findWebhook } from "../webhooks/access.ts";
import { rotated } from "../webhooks/webhook.ts";

export const rotateWebhookSecret = operation({
  id: "rotateWebhookSecret",
  summary: "Exchange the secret of a webhook",
  role: "admin",
  path: WebhookPath,
  result: WebhookWithSecret,
  handle: async (call) => {
    const { id } = await findWebhook(call);
    const now = Date.now();
    const webhook = await call.webhooks.registry.change(id, (known) => rotated(known, now));
    if (!webhook) throw webhookNotFound();
    return { result: { ...toWebhookView(webhook), secret: webhook.secret } };
  },
});

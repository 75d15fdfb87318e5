import { operation } from "../operation.ts";
import { WebhookPath } from "../schemas.ts";
import { toWebhookView, WebhookView } from "../views/webhook-view.ts";
import { findWebhook } from "../webhooks/access.ts";

export const getWebhook = operation({
  id: "getWebhook",
  summary: "Get a webhook",
  role: "admin",
  path: WebhookPath,
  result: WebhookView,
  handle: async (call) => ({ result: toWebhookView(await findWebhook(call)) }),
});

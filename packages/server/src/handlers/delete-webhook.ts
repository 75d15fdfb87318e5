/** Forgets a webhook. What it has not been told of yet it never will be. */
import { z } from "zod";
import { operation } from "../operation.ts";
import { WebhookPath } from "../schemas.ts";
import { findWebhook } from "../webhooks/access.ts";

export const deleteWebhook = operation({
  id: "deleteWebhook",
  summary: "Delete a webhook",
  role: "admin",
  path: WebhookPath,
  result: z.object({ success: z.boolean() }),
  handle: async (call) => {
    await call.webhooks.registry.remove(await findWebhook(call));
    return { result: { success: true } };
  },
});

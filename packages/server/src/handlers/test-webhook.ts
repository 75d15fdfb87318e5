/** Sends a webhook a message of the type `webhook_test`, once, and says what came of it. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { operation } from "../operation.ts";
import { WebhookPath } from "../schemas.ts";
import { findWebhook } from "../webhooks/access.ts";
import { toBody } from "../webhooks/message.ts";

export const testWebhook = operation({
  id: "testWebhook",
  summary: "Send a test message to a webhook",
  role: "admin",
  path: WebhookPath,
  result: z.object({
    message_id: z.string(),
    delivered: z.boolean(),
    response_status: z.number().nullable(),
    error: z.string().nullable(),
    duration_ms: z.number(),
  }),
  handle: async (call) => {
    const webhook = await findWebhook(call);
    const { deliveries } = call.webhooks;
    const data = { account_id: call.namespace.name, webhook_id: webhook.id };
    const body = toBody("webhook_test", Date.now(), data);
    const message = { id: `msg_test_${randomUUID()}`, body, attempt: 1, isLast: true };
    const result = await deliveries.sendNow(webhook, message);
    await deliveries.noteTest(webhook, message, result);
    return {
      result: {
        message_id: message.id,
        delivered: result.isDelivered,
        response_status: result.status ?? null,
        error: result.error ?? null,
        duration_ms: result.durationMs,
      },
    };
  },
});

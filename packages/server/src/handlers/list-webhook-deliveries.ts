/** What became of the last attempts to deliver to a webhook, newest first. */
import { z } from "zod";
import { operation } from "../operation.ts";
import { pageOf } from "../pagination.ts";
import { Instant, PageQuery, WebhookPath } from "../schemas.ts";
import { findWebhook } from "../webhooks/access.ts";

const DeliveryNote = z
  .object({
    message_id: z.string(),
    type: z.string(),
    workflow_name: z.string().nullable(),
    instance_id: z.string().nullable(),
    attempt: z.number(),
    attempted_on: Instant,
    outcome: z.enum(["delivered", "failed", "dead", "dropped"]),
    response_status: z.number().nullable(),
    error: z.string().nullable(),
    duration_ms: z.number(),
  })
  .meta({ id: "WebhookDelivery" });

export const listWebhookDeliveries = operation({
  id: "listWebhookDeliveries",
  summary: "List the last attempts to deliver to a webhook",
  role: "admin",
  path: WebhookPath,
  query: PageQuery,
  result: z.array(DeliveryNote),
  isPaged: true,
  handle: async (call) => {
    const { id } = await findWebhook(call);
    const { items, resultInfo } = pageOf(await call.webhooks.registry.notes(id), call.query);
    return { result: [...items], resultInfo };
  },
});

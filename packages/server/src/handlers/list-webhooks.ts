import { z } from "zod";
import { operation } from "../operation.ts";
import { pageOf } from "../pagination.ts";
import { PageQuery } from "../schemas.ts";
import { toWebhookView, WebhookView } from "../views/webhook-view.ts";
import { maySee } from "../webhooks/access.ts";

export const listWebhooks = operation({
  id: "listWebhooks",
  summary: "List webhooks, oldest first",
  role: "admin",
  path: z.object({}),
  query: PageQuery,
  result: z.array(WebhookView),
  isPaged: true,
  handle: async ({ principal, webhooks, query }) => {
    const all = await webhooks.registry.list();
    const seen = all.filter(({ workflow }) => maySee(principal, workflow));
    const { items, resultInfo } = pageOf(seen, query);
    return { result: items.map(toWebhookView), resultInfo };
  },
});

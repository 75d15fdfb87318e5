/** Which webhooks a caller may see and change: those about workflows that are his. */
import { includes } from "../access/principal.ts";
import type { Principal } from "../access/principal.ts";
import { refused, webhookNotFound } from "../api-error.ts";
import type { Webhook } from "./webhook.ts";
import type { WebhookService } from "./webhook-service.ts";

export function maySee({ workflows }: Principal, workflow: string | undefined): boolean {
  return workflow === undefined ? workflows === "all" : includes(workflows, workflow);
}

/** @throws {@link ApiError} 403 */
export function checkMaySee(principal: Principal, workflow: string | undefined): void {
  if (maySee(principal, workflow)) return;
  const what = workflow === undefined ? "webhooks of all workflows" : `workflow "${workflow}"`;
  throw refused(403, `no access to ${what}`);
}

/** @throws {@link ApiError} 404, also for one that is not the caller's to see */
export async function findWebhook(call: {
  readonly webhooks: WebhookService;
  readonly principal: Principal;
  readonly path: { readonly webhook_id: string };
}): Promise<Webhook> {
  const webhook = await call.webhooks.registry.get(call.path.webhook_id);
  if (!webhook || !maySee(call.principal, webhook.workflow)) throw webhookNotFound();
  return webhook;
}

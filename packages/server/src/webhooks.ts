/** For whoever receives webhooks. It needs nothing but Node. */
export { verifyWebhook, WebhookVerificationError } from "./webhooks/signature.ts";
export type { ReceivedWebhook, WebhookMessage } from "./webhooks/signature.ts";

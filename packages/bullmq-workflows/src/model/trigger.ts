/**
 * What created an instance. It is told from the nonce that a create carries and the record keeps anyway, so
 * that knowing it takes no memory of its own.
 */

/** Cloudflare's words: code with the workflow's binding, a call of the REST API, or a schedule. */
export type Trigger = "binding" | "api" | "cron";

/** @param random Text that nobody else has, without a colon. */
export function nonceFor(trigger: Trigger, random: string): string {
  return trigger === "binding" ? random : `${trigger}:${random}`;
}

export function triggerOf(nonce: string): Trigger {
  if (nonce.startsWith("api:")) return "api";
  return nonce.startsWith("cron:") ? "cron" : "binding";
}

/** The webhooks of a namespace in memory. */
import type { WebhookLedger, WebhookRecord } from "../engine/ports/webhook-ledger.ts";

export class MemoryWebhookLedger implements WebhookLedger {
  readonly #webhooks = new Map<string, WebhookRecord>();
  readonly #notes = new Map<string, readonly string[]>();

  async webhooks(): Promise<readonly WebhookRecord[]> {
    return [...this.#webhooks.values()];
  }

  async webhook(id: string): Promise<WebhookRecord | undefined> {
    return this.#webhooks.get(id);
  }

  async put(webhook: WebhookRecord, known?: WebhookRecord): Promise<boolean> {
    const isKnown = JSON.stringify(this.#webhooks.get(webhook.id)) === JSON.stringify(known);
    if (isKnown) this.#webhooks.set(webhook.id, webhook);
    return isKnown;
  }

  async remove(id: string): Promise<boolean> {
    this.#notes.delete(id);
    return this.#webhooks.delete(id);
  }

  async note(id: string, text: string, keep: number): Promise<void> {
    if (!this.#webhooks.has(id)) return;
    this.#notes.set(id, [text, ...(this.#notes.get(id) ?? [])].slice(0, keep));
  }

  async notes(id: string, limit: number): Promise<readonly string[]> {
    return (this.#notes.get(id) ?? []).slice(0, limit);
  }
}

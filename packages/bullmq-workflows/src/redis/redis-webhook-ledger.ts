/** The webhooks of a namespace on Redis. See docs/store.md for their keys. */
import type { WebhookLedger, WebhookRecord } from "../engine/ports/webhook-ledger.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { RedisClient } from "./script-runner.ts";
import * as scripts from "./scripts.generated.ts";

export class RedisWebhookLedger implements WebhookLedger {
  readonly #scripts: ScriptRunner;

  /** @param tag The hash tag of the namespace, braces included. */
  constructor(client: RedisClient, tag: string) {
    this.#scripts = new ScriptRunner(client, tag);
  }

  async webhooks(): Promise<readonly WebhookRecord[]> {
    return await this.#read([]);
  }

  async webhook(id: string): Promise<WebhookRecord | undefined> {
    const [webhook] = await this.#read([id]);
    return webhook;
  }

  async put(webhook: WebhookRecord, known?: WebhookRecord): Promise<boolean> {
    const args = {
      id: webhook.id,
      text: JSON.stringify(webhook),
      known: known ? JSON.stringify(known) : "",
    };
    const [outcome] = await this.#scripts.run(scripts.putWebhook, args);
    return outcome === "kept";
  }

  async remove(id: string): Promise<boolean> {
    const [outcome] = await this.#scripts.run(scripts.removeWebhook, { id });
    return outcome === "removed";
  }

  async note(id: string, text: string, keep: number): Promise<void> {
    await this.#scripts.run(scripts.noteDelivery, { id, text, keep });
  }

  async notes(id: string, limit: number): Promise<readonly string[]> {
    const [, ...texts] = await this.#scripts.run(scripts.readDeliveries, { id, limit });
    return texts.map(String);
  }

  async #read(ids: readonly string[]): Promise<readonly WebhookRecord[]> {
    const [, ...texts] = await this.#scripts.run(scripts.readWebhooks, { ids });
    // Printed again it is the same text, by which `put` knows what was known.
    return texts.map((text) => JSON.parse(String(text)) as WebhookRecord);
  }
}

/** The webhooks of a namespace: created, changed and forgotten, with what the outboxes of its workflows keep. */
import { randomBytes } from "node:crypto";
import { keepWanted } from "bullmq-workflows/internal";
import type { Namespace, WebhookRecord } from "bullmq-workflows/internal";
import { createSecret } from "./signature.ts";
import { fromWebhookRecord, toWebhookRecord } from "./webhook.ts";
import type { Webhook } from "./webhook.ts";

/** Notes on deliveries that are kept of each. */
const NOTES_KEPT = 100;

/** What became of one attempt. */
export interface DeliveryNote {
  readonly message_id: string;
  readonly type: string;
  readonly workflow_name: string | null;
  readonly instance_id: string | null;
  readonly attempt: number;
  /** ISO 8601. */
  readonly attempted_on: string;
  readonly outcome: "delivered" | "failed" | "dead" | "dropped";
  readonly response_status: number | null;
  readonly error: string | null;
  readonly duration_ms: number;
}

export type NewWebhook = Pick<Webhook, "url" | "description" | "eventTypes"> & {
  readonly workflow?: string | undefined;
};

export class Webhooks {
  readonly #namespace: Namespace;
  readonly #onCreated: () => void;

  constructor(namespace: Namespace, onCreated: () => void) {
    this.#namespace = namespace;
    this.#onCreated = onCreated;
  }

  /** Oldest first. */
  async list(): Promise<readonly Webhook[]> {
    const records = await this.#namespace.webhooks.webhooks();
    return records.map(fromWebhookRecord).toSorted((a, b) => a.createdAt - b.createdAt);
  }

  async get(id: string): Promise<Webhook | undefined> {
    const record = await this.#namespace.webhooks.webhook(id);
    return record && fromWebhookRecord(record);
  }

  /** Whatever happens from its answer on, it is told of. */
  async create({ workflow, ...rest }: NewWebhook): Promise<Webhook> {
    const now = Date.now();
    const webhook: Webhook = {
      id: `wh_${randomBytes(12).toString("hex")}`,
      ...(workflow !== undefined && { workflow }),
      ...rest,
      createdAt: now,
      modifiedAt: now,
      secret: createSecret(),
    };
    await this.#namespace.webhooks.put(toWebhookRecord(webhook));
    await this.keepWanted(webhook.workflow);
    this.#onCreated();
    return webhook;
  }

  /** Makes another of it; `undefined` when it is not there. `change` may be asked more than once. */
  async change(id: string, change: (webhook: Webhook) => Webhook): Promise<Webhook | undefined> {
    const ledger = this.#namespace.webhooks;
    for (;;) {
      const record = await ledger.webhook(id);
      if (!record) return undefined;
      const webhook = fromWebhookRecord(record);
      const changed = change(webhook);
      if (changed === webhook) return webhook;
      // Somebody else may have changed it meanwhile.
      const next = toWebhookRecord(changed);
      if (!(await ledger.put(next, record))) continue;
      if (wantsOther(next, record)) await this.keepWanted(changed.workflow);
      return changed;
    }
  }

  async remove(webhook: Webhook): Promise<void> {
    await this.#namespace.webhooks.remove(webhook.id);
    await this.keepWanted(webhook.workflow);
  }

  /** Has outboxes keep what is wanted of them: that of one workflow, or of all. */
  async keepWanted(workflow?: string): Promise<void> {
    const { directory, webhooks } = this.#namespace;
    const records =
      workflow === undefined
        ? await directory.workflows()
        : [await directory.workflow(workflow)].filter((record) => record !== undefined);
    for (const record of records) {
      await keepWanted(webhooks, this.#namespace.open(record).outbox, record.name);
    }
  }

  async note(id: string, note: DeliveryNote): Promise<void> {
    await this.#namespace.webhooks.note(id, JSON.stringify(note), NOTES_KEPT);
  }

  /** What became of the last deliveries, newest first. */
  async notes(id: string): Promise<readonly DeliveryNote[]> {
    const texts = await this.#namespace.webhooks.notes(id, NOTES_KEPT);
    return texts.map((text) => JSON.parse(text) as DeliveryNote);
  }
}

function wantsOther(next: WebhookRecord, record: WebhookRecord): boolean {
  return next.isActive !== record.isActive || next.statuses.join() !== record.statuses.join();
}

/** Makes the deliveries of a namespace, notes what became of each, and gives up on who never answers. */
import { setMaxListeners } from "node:events";
import type { DeliveryAttempt, DeliveryOutcome, Namespace } from "bullmq-workflows/internal";
import { retryDelayMs } from "./retries.ts";
import { send } from "./send.ts";
import type { SendResult, SendRules } from "./send.ts";
import { secretsOf } from "./webhook.ts";
import type { Webhook } from "./webhook.ts";
import type { DeliveryNote, Webhooks } from "./webhooks.ts";

/** Deliveries at once. */
const CONCURRENCY = 50;

/** A webhook is disabled when a delivery is given up, and nothing has got through for so long, in ms. */
const LASTING_MS = 12 * 3_600_000;

/** How long a receiver has to answer while the server closes: most do at once, and need not be told twice. */
const GRACE_MS = 1_000;

/** What a receiver answers that wants nothing more, ever. */
const GONE = 410;

export interface DeliveriesParts {
  readonly namespace: Namespace;
  readonly webhooks: Webhooks;
  readonly rules: SendRules;
  readonly onError: (error: unknown) => void;
  /** @defaultValue {@link retryDelayMs} */
  readonly retryDelayMs?: ((attempt: number) => number) | undefined;
}

type Message = Pick<DeliveryAttempt, "id" | "body" | "attempt" | "isLast">;

export class Deliveries {
  readonly #parts: DeliveriesParts;
  readonly #cutOff = new AbortController();

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
    // All that is under way listens to it.
    setMaxListeners(0, this.#cutOff.signal);
  }

  /** How they are to be made: see `DeliveryQueue.consume`. */
  get options(): {
    readonly concurrency: number;
    readonly retryDelayMs: (attempt: number) => number;
  } {
    return { concurrency: CONCURRENCY, retryDelayMs: this.#parts.retryDelayMs ?? retryDelayMs };
  }

  readonly deliver = async (delivery: DeliveryAttempt): Promise<DeliveryOutcome> => {
    const webhook = await this.#parts.webhooks.get(delivery.webhookId);
    if (!webhook) return "dropped";
    if (webhook.disabled) {
      await this.#note(webhook, delivery, { outcome: "dropped" });
      return "dropped";
    }
    const result = await this.sendNow(webhook, delivery);
    if (!result.isDelivered && this.#cutOff.signal.aborted) return "interrupted";
    return await this.#settle(webhook, delivery, result);
  };

  /**
   * Gives what is under way a moment to end, then cuts it off, for another server to make it again.
   *
   * @param ending resolves when all of it has ended, and no more is taken from now on.
   */
  async close(ending: Promise<void>): Promise<void> {
    const timer = setTimeout(() => this.#cutOff.abort(), GRACE_MS);
    await ending.finally(() => clearTimeout(timer));
  }

  /** Sends a message whatever came of others. */
  async sendNow({ url, ...webhook }: Webhook, { id, body }: Message): Promise<SendResult> {
    const secrets = secretsOf({ url, ...webhook }, Date.now());
    const rules = { ...this.#parts.rules, signal: this.#cutOff.signal };
    return await send({ url, secrets, id, body }, rules);
  }

  async noteTest(webhook: Webhook, message: Message, result: SendResult): Promise<void> {
    const outcome = result.isDelivered ? "delivered" : "failed";
    await this.#note(webhook, message, { outcome, result });
  }

  async #settle(
    webhook: Webhook,
    delivery: DeliveryAttempt,
    result: SendResult,
  ): Promise<DeliveryOutcome> {
    if (result.isDelivered) {
      await this.#note(webhook, delivery, { outcome: "delivered", result });
      if (webhook.failingSince !== undefined) await this.#recover(webhook.id);
      return "delivered";
    }
    const isDead = delivery.isLast || result.status === GONE;
    await this.#note(webhook, delivery, { outcome: isDead ? "dead" : "failed", result });
    await this.#fail(webhook.id, { isDead, isGone: result.status === GONE });
    return isDead ? "dropped" : "failed";
  }

  async #recover(id: string): Promise<void> {
    await this.#parts.webhooks.change(id, (webhook) => {
      const { failingSince: _, ...well } = webhook;
      return well;
    });
  }

  async #fail(
    id: string,
    { isDead, isGone }: { readonly isDead: boolean; readonly isGone: boolean },
  ): Promise<void> {
    const now = Date.now();
    await this.#parts.webhooks.change(id, (webhook) => {
      const { failingSince = now, disabled } = webhook;
      const isLasting = isDead && now - failingSince >= LASTING_MS;
      if (!disabled && (isGone || isLasting)) {
        const reason = isGone ? "gone" : "failing";
        return { ...webhook, failingSince, disabled: { at: now, reason } };
      }
      return webhook.failingSince === undefined ? { ...webhook, failingSince } : webhook;
    });
  }

  async #note(
    webhook: Webhook,
    { id, body, attempt }: Message,
    {
      outcome,
      result,
    }: { readonly outcome: DeliveryNote["outcome"]; readonly result?: SendResult },
  ): Promise<void> {
    const { type, data } = JSON.parse(body) as {
      readonly type: string;
      readonly data: { readonly workflow_name?: string; readonly instance_id?: string };
    };
    const note: DeliveryNote = {
      message_id: id,
      type,
      workflow_name: data.workflow_name ?? null,
      instance_id: data.instance_id ?? null,
      attempt,
      attempted_on: new Date().toISOString(),
      outcome,
      response_status: result?.status ?? null,
      error: result?.error ?? null,
      duration_ms: result?.durationMs ?? 0,
    };
    // That it was made counts, not that it was noted.
    await this.#parts.webhooks.note(webhook.id, note).catch(this.#parts.onError);
  }
}

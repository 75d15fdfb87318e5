/**
 * All that a server does for the webhooks of a namespace. As long as there are none that is to look now and
 * then whether there are; the queue is opened when there is one.
 */
import type { DeliveryQueue, Namespace } from "bullmq-workflows/internal";
import { Deliveries } from "./deliveries.ts";
import { Relay } from "./relay.ts";
import type { OnLoss } from "./relay.ts";
import type { SendRules } from "./send.ts";
import { Webhooks } from "./webhooks.ts";

/** How webhooks are delivered. */
export interface WebhookOptions {
  /** Whether this server delivers them; any server of the namespace may. @defaultValue true */
  readonly deliver?: boolean;
  /** Programs on the server's own machine may be told, by http too. @defaultValue false */
  readonly allowLoopback?: boolean;
  /** So may those in networks that are not the public internet, by https. @defaultValue false */
  readonly allowPrivateNetworks?: boolean;
  /** How long an attempt may take, in ms, at most 30 seconds. @defaultValue 15 seconds */
  readonly timeout?: number;
  /** After how long another server goes on with what a dead one had, in ms. @defaultValue 1 minute */
  readonly takeover?: number;
  /** How long after its n-th attempt, from 1, a delivery that failed is tried again, in ms. @defaultValue 5 s, and ever longer */
  readonly retryDelay?: (attempt: number) => number;
}

export interface WebhookServiceParts {
  readonly namespace: Namespace;
  readonly options: WebhookOptions;
  readonly onError: (error: unknown) => void;
  readonly onLoss: OnLoss;
}

const LONGEST_TIMEOUT_MS = 30_000;

const TAKEOVER_MS = 60_000;

export class WebhookService {
  readonly registry: Webhooks;
  readonly deliveries: Deliveries;
  readonly rules: SendRules;
  readonly #parts: WebhookServiceParts;
  readonly #relay: Relay | undefined;
  #queue: Promise<DeliveryQueue> | undefined;

  constructor(parts: WebhookServiceParts) {
    const { namespace, options, onError, onLoss } = parts;
    const { deliver = true, allowLoopback = false, allowPrivateNetworks = false } = options;
    const timeoutMs = Math.min(options.timeout ?? 15_000, LONGEST_TIMEOUT_MS);
    this.#parts = parts;
    this.rules = { allowLoopback, allowPrivateNetworks, timeoutMs };
    this.registry = new Webhooks(namespace, () => this.#relay?.lookNow());
    const common = { namespace, webhooks: this.registry, onError };
    const { retryDelay: retryDelayMs } = options;
    this.deliveries = new Deliveries({ ...common, rules: this.rules, retryDelayMs });
    if (deliver) {
      const openQueue = async (): Promise<DeliveryQueue> => await this.#openQueue();
      this.#relay = new Relay({ ...common, onLoss, openQueue, takeoverMs: this.#takeoverMs });
    }
  }

  get #takeoverMs(): number {
    return this.#parts.options.takeover ?? TAKEOVER_MS;
  }

  /** What is under way is left for others, within a few seconds. */
  async close(): Promise<void> {
    await this.#relay?.close();
    const queue = await this.#queue?.catch(() => undefined);
    if (queue) await this.deliveries.close(queue.close());
  }

  async #openQueue(): Promise<DeliveryQueue> {
    this.#queue ??= this.#startQueue().catch((error: unknown) => {
      this.#queue = undefined;
      throw error;
    });
    return await this.#queue;
  }

  async #startQueue(): Promise<DeliveryQueue> {
    const queue = this.#parts.namespace.openDeliveries({ takeoverMs: this.#takeoverMs });
    try {
      await queue.consume(this.deliveries.deliver, this.deliveries.options);
      return queue;
    } catch (error) {
      await queue.close();
      throw error;
    }
  }
}

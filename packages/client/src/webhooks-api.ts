/** What can be done with webhooks: by their ids. */
import type {
  NewWebhook,
  Webhook,
  WebhookChange,
  WebhookDelivery,
  WebhookWithSecret,
} from "./api.generated.ts";
import type { Caller, ResultOf } from "./caller.ts";
import type { Pages } from "./pages.ts";
import type { CallOptions } from "./transport.ts";

export class WebhooksApi {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Oldest first. */
  list(options?: CallOptions): Pages<Webhook> {
    return this.#caller.list("listWebhooks", {}, options);
  }

  /** Answers the secret that its messages are signed with, here and never again. */
  async create(webhook: NewWebhook, options?: CallOptions): Promise<WebhookWithSecret> {
    return await this.#caller.call("createWebhook", { body: webhook }, options);
  }

  async get(id: string, options?: CallOptions): Promise<Webhook> {
    return await this.#caller.call("getWebhook", toParts(id), options);
  }

  async update(id: string, change: WebhookChange, options?: CallOptions): Promise<Webhook> {
    return await this.#caller.call("updateWebhook", { ...toParts(id), body: change }, options);
  }

  async delete(id: string, options?: CallOptions): Promise<void> {
    await this.#caller.call("deleteWebhook", toParts(id), options);
  }

  /** Answers a new secret, here and never again. */
  async rotateSecret(id: string, options?: CallOptions): Promise<WebhookWithSecret> {
    return await this.#caller.call("rotateWebhookSecret", toParts(id), options);
  }

  /** Sends it a message, and answers what came of that. */
  async test(id: string, options?: CallOptions): Promise<ResultOf<"testWebhook">> {
    return await this.#caller.call("testWebhook", toParts(id), options);
  }

  /** Newest first. */
  deliveries(id: string, options?: CallOptions): Pages<WebhookDelivery> {
    return this.#caller.list("listWebhookDeliveries", toParts(id), options);
  }
}

function toParts(id: string): { readonly path: { readonly webhook_id: string } } {
  return { path: { webhook_id: id } };
}

/**
 * How a worker talks to the outside world. What the other side refuses for good becomes a
 * `NonRetryableError`; everything else that goes wrong is an ordinary error, so the step is retried.
 */
import { NonRetryableError } from "bullmq-workflows";
import type { Order } from "./order.ts";
import type { ChargeRequest } from "./payment-provider.ts";

const REFUSALS = new Set([402, 409]);

interface Call {
  readonly method: "POST" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

export class Payments {
  readonly #url: string;
  readonly #webhookUrl: string;

  constructor(url: string, webhookUrl: string) {
    this.#url = url;
    this.#webhookUrl = webhookUrl;
  }

  /** Answers the charge's id. With the same idempotency key it is the same charge, however often asked. */
  async charge(
    { order, amount, idempotencyKey }: { order: Order; amount: number; idempotencyKey: string },
    signal: AbortSignal,
  ): Promise<string> {
    const body: ChargeRequest = {
      orderId: order.id,
      amount,
      card: order.card,
      webhookUrl: this.#webhookUrl,
    };
    const { chargeId } = await call<{ chargeId: string }>(`${this.#url}/charges`, {
      method: "POST",
      headers: { "idempotency-key": idempotencyKey },
      body,
      signal,
    });
    return chargeId;
  }
}

/** The order's id is the warehouse's idempotency key: an order is reserved, released and shipped once. */
export class Warehouse {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async reserve(order: Order, signal: AbortSignal): Promise<void> {
    await call(`${this.#url}/reservations/${order.id}`, {
      method: "PUT",
      body: order.lines,
      signal,
    });
  }

  async release(order: Order, signal: AbortSignal): Promise<void> {
    await call(`${this.#url}/reservations/${order.id}`, { method: "DELETE", signal });
  }

  async ship(order: Order, signal: AbortSignal): Promise<string> {
    const { parcel } = await call<{ parcel: string }>(`${this.#url}/shipments/${order.id}`, {
      method: "PUT",
      signal,
    });
    return parcel;
  }
}

async function call<Answer>(url: string, { body, headers, ...rest }: Call): Promise<Answer> {
  const response = await fetch(url, {
    ...rest,
    headers: { ...headers, "content-type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const answer = (await response.json()) as Answer & { readonly reason?: string };
  if (REFUSALS.has(response.status)) throw new NonRetryableError(answer.reason ?? "refused");
  if (!response.ok) throw new Error(`${rest.method} ${url} answered ${response.status}`);
  return answer;
}

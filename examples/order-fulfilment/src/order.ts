import { NonRetryableError } from "bullmq-workflows";

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
  /** In cents. */
  readonly unitPrice: number;
}

export interface Order {
  readonly id: string;
  readonly customer: { readonly name: string; readonly city: string; readonly country: string };
  /** A token of the card, as a checkout page hands it over. */
  readonly card: string;
  readonly lines: readonly OrderLine[];
}

export type OrderResult =
  | { readonly outcome: "shipped"; readonly chargeId: string; readonly parcel: string }
  | { readonly outcome: "refused"; readonly reason: string };

/** Answers what the order costs, in cents. Refuses an order that makes no sense. */
export function validate(order: Order): number {
  if (order.lines.length === 0) throw new NonRetryableError("nothing ordered");
  if (order.lines.some((line) => !Number.isInteger(line.quantity) || line.quantity < 1)) {
    throw new NonRetryableError("quantity below one");
  }
  return order.lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
}

/**
 * Why an order was refused for good; nothing when the error is of another kind.
 *
 * An error leaves a step the way it does on Cloudflare: as an `Error` whose message starts with its name.
 */
export function refusalReason(error: unknown): string | undefined {
  return /NonRetryableError: (.*)/.exec(String(error))?.[1];
}

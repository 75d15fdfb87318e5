import type { Audit } from "./audit.ts";
import type { Counts } from "./order-desk.ts";
import type { PaymentReport } from "./payment-provider.ts";

const SHOWN_LOSSES = 10;

export function describeCounts(counts: Counts): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.map(([status, count]) => `${status} ${count}`).join(" · ");
}

export function describeFindings(audit: Audit): string[] {
  const outcomes = [...audit.outcomes].toSorted(([, one], [, other]) => other - one);
  return [
    ...table("Orders", [...outcomes, [`EUR charged`, formatEuros(audit.revenue)]]),
    ...audit.lost.slice(0, SHOWN_LOSSES).map(({ orderId, why }) => `  lost: ${orderId}, ${why}`),
    ...audit.chargedTwice.map((orderId) => `  charged twice: ${orderId}`),
  ];
}

export function describePayments({ counts }: PaymentReport): string[] {
  return table("What the payment provider saw", [
    ["requests", counts.requests],
    ["of them retries", counts.retries],
    ["refused with 503", counts.unavailable],
    ["callers that hung up: timeouts and crashes", counts.hangUps],
    ["duplicates answered from idempotency memory", counts.repeats],
    ["webhooks sent", counts.webhooksSent],
    ["of them not acknowledged, sent again", counts.webhooksUnanswered],
    ["of them sent twice for no reason", counts.webhooksRepeated],
  ]);
}

/** The line that says it all. Every figure in it was counted. */
export function summarize(audit: Audit, crashCount: number): string {
  return [
    `${audit.completeCount}/${audit.orderCount} orders complete`,
    `${crashCount} worker crashes survived`,
    `${audit.lost.length} lost`,
    `${audit.chargedTwice.length} charged twice`,
  ].join(" · ");
}

function formatEuros(cents: number): string {
  return (cents / 100).toLocaleString("en", { minimumFractionDigits: 2 });
}

function table(title: string, rows: readonly (readonly [string, number | string])[]): string[] {
  const width = Math.max(...rows.map(([, value]) => String(value).length));
  return ["", title, ...rows.map(([name, value]) => `  ${String(value).padStart(width)}  ${name}`)];
}

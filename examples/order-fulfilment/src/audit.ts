/**
 * Judges a run by what the outside world saw, not by what the engine says of itself.
 *
 * An order is lost when it is not complete, or when its result and the books of the payment provider
 * and the warehouse do not tell the same story.
 */
import type { Order, OrderResult } from "./order.ts";
import type { Charge, PaymentReport } from "./payment-provider.ts";
import type { WarehouseReport } from "./warehouse.ts";

/** What the store says of one order. */
export interface FinalState {
  readonly order: Order;
  readonly status: string;
  readonly output?: OrderResult | undefined;
  readonly error?: string | undefined;
}

export interface Audit {
  readonly orderCount: number;
  readonly completeCount: number;
  readonly lost: readonly { readonly orderId: string; readonly why: string }[];
  readonly chargedTwice: readonly string[];
  readonly isFlawless: boolean;
  /** How many orders had each outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** What was charged, in cents. */
  readonly revenue: number;
}

interface Books {
  readonly payments: PaymentReport;
  readonly warehouse: WarehouseReport;
}

export function audit(states: readonly FinalState[], { payments, warehouse }: Books): Audit {
  const chargesOf = groupByOrder(payments.charges);
  const lost = states.flatMap((state) => {
    const { id } = state.order;
    const why = findFault(state, chargesOf.get(id) ?? [], warehouse.places[id]);
    return why === undefined ? [] : [{ orderId: id, why }];
  });
  const chargedTwice = [...chargesOf].filter(([, all]) => all.length > 1).map(([id]) => id);
  const completeCount = states.filter(({ status }) => status === "complete").length;
  return {
    orderCount: states.length,
    completeCount,
    lost,
    chargedTwice,
    isFlawless: completeCount === states.length && lost.length + chargedTwice.length === 0,
    outcomes: countOutcomes(states),
    revenue: payments.charges.reduce((sum, { amount }) => sum + amount, 0),
  };
}

function groupByOrder(charges: readonly Charge[]): Map<string, Charge[]> {
  const groups = new Map<string, Charge[]>();
  for (const charge of charges) {
    groups.set(charge.orderId, [...(groups.get(charge.orderId) ?? []), charge]);
  }
  return groups;
}

/** What is wrong with an order; nothing when all agree. A second charge is counted elsewhere. */
function findFault(
  { order, status, output, error }: FinalState,
  charges: readonly Charge[],
  place: WarehouseReport["places"][string] | undefined,
): string | undefined {
  if (status !== "complete" || output === undefined) return error ?? status;
  if (output.outcome === "refused") {
    if (charges.length > 0) return "refused, and charged all the same";
    return place === "reserved" || place === "shipped" ? `refused, but ${place}` : undefined;
  }
  const charge = charges.find(({ chargeId }) => chargeId === output.chargeId);
  if (charge === undefined) return "shipped, but not charged";
  if (charge.amount !== priceOf(order)) return `charged ${charge.amount} instead of its price`;
  return place === "shipped" ? undefined : `charged, but ${place ?? "unknown to the warehouse"}`;
}

function priceOf(order: Order): number {
  return order.lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
}

function countOutcomes(states: readonly FinalState[]): Map<string, number> {
  const outcomes = new Map<string, number>();
  for (const { status, output } of states) {
    const outcome = output === undefined ? status : describe(output);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}

function describe(result: OrderResult): string {
  return result.outcome === "refused" ? `refused: ${result.reason}` : result.outcome;
}

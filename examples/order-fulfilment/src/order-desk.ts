/** What the demo does with the workflow binding: places orders, looks how they are, reads their end. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Workflow } from "bullmq-workflows";
import type { FinalState } from "./audit.ts";
import type { Order, OrderResult } from "./order.ts";

/** Orders come in over time, as they would in a shop. */
const ORDERS_AT_ONCE = 10;
const NEXT_ORDERS_AFTER_MS = 1000;
const LOOK_EVERY_MS = 100;
const DELETED_AT_ONCE = 100;
const FINISHED = ["complete", "errored", "terminated"] as const;

/** How many orders have each status. */
export type Counts = Awaited<ReturnType<Workflow<Order>["counts"]>>;

export async function placeOrders(
  orders: Workflow<Order>,
  book: readonly Order[],
  signal: AbortSignal,
): Promise<void> {
  for (let first = 0; first < book.length; first += ORDERS_AT_ONCE) {
    const batch = book.slice(first, first + ORDERS_AT_ONCE);
    await orders.createBatch(batch.map((order) => ({ id: order.id, params: order })));
    await sleep(NEXT_ORDERS_AFTER_MS, undefined, { signal });
  }
}

interface Watch {
  readonly orderCount: number;
  /** Epoch milliseconds at which it is no use to wait any longer. */
  readonly deadline: number;
  readonly onLook: (counts: Counts) => void;
}

/** Resolves when that many orders have finished, one way or another, or when the deadline has passed. */
export async function watchOrders(
  orders: Workflow<Order>,
  { orderCount, deadline, onLook }: Watch,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const counts = await orders.counts();
    onLook(counts);
    if (countFinished(counts) >= orderCount || Date.now() > deadline) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

function countFinished(counts: Counts): number {
  return FINISHED.reduce((sum, status) => sum + counts[status], 0);
}

export function readFinalStates(
  orders: Workflow<Order>,
  book: readonly Order[],
): Promise<FinalState[]> {
  return Promise.all(book.map((order) => readFinalState(orders, order)));
}

/** Deletes the orders with all they recorded. */
export async function forgetOrders(orders: Workflow<Order>, book: readonly Order[]): Promise<void> {
  for (let first = 0; first < book.length; first += DELETED_AT_ONCE) {
    await orders.deleteBatch(book.slice(first, first + DELETED_AT_ONCE).map(({ id }) => id));
  }
}

async function readFinalState(orders: Workflow<Order>, order: Order): Promise<FinalState> {
  try {
    const instance = await orders.get(order.id);
    const { status, output, error } = await instance.status();
    return {
      order,
      status,
      output: (output ?? undefined) as OrderResult | undefined,
      error: error?.message,
    };
  } catch (error) {
    return { order, status: "unknown", error: String(error) };
  }
}

import { WorkflowEntrypoint } from "bullmq-workflows";
import type { WorkflowEvent, WorkflowStep } from "bullmq-workflows";
import type { Payments, Warehouse } from "./clients.ts";
import { refusalReason, validate } from "./order.ts";
import type { Order, OrderResult } from "./order.ts";

export interface Env {
  readonly payments: Payments;
  readonly warehouse: Warehouse;
}

export interface Settlement {
  readonly chargeId: string;
}

/** A remote service may fail for a while: ask again, soon at first, then less and less often. */
const PATIENTLY = {
  retries: { limit: 10, delay: 150, backoff: "exponential" },
  timeout: "2 seconds",
} as const;

export class OrderWorkflow extends WorkflowEntrypoint<Env, Order> {
  override async run(event: WorkflowEvent<Order>, step: WorkflowStep): Promise<OrderResult> {
    const { payments, warehouse } = this.env;
    const order = event.payload;

    try {
      const amount = await step.do("validate", async () => validate(order));

      await step.do("reserve stock", PATIENTLY, ({ signal }) => warehouse.reserve(order, signal));

      const chargeId = await step.do("charge card", PATIENTLY, ({ idempotencyKey, signal }) =>
        payments.charge({ order, amount, idempotencyKey }, signal),
      );
      await step.waitForEvent<Settlement>("payment settled", {
        type: "payment-settled",
        timeout: "2 minutes",
      });

      await step.sleep("time to change your mind", "1 second");

      const parcel = await step.do("ship", PATIENTLY, ({ signal }) =>
        warehouse.ship(order, signal),
      );
      return { outcome: "shipped", chargeId, parcel };
    } catch (error) {
      const reason = refusalReason(error);
      if (reason === undefined) throw error;

      await step.do("release stock", PATIENTLY, ({ signal }) => warehouse.release(order, signal));
      return { outcome: "refused", reason };
    }
  }
}

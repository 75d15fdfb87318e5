import { NonRetryableError, WorkflowEntrypoint } from "bullmq-workflows";
import type { WorkflowEngine, WorkflowEvent, WorkflowStep } from "bullmq-workflows";

export interface Order {
  readonly item?: string;
  readonly count?: number;
}

export interface Approval {
  readonly by: string;
}

/** Charges and ships an order that somebody has approved. Every step is recorded, and never runs again. */
export class OrderWorkflow extends WorkflowEntrypoint<unknown, Order> {
  override async run(event: WorkflowEvent<Order>, step: WorkflowStep) {
    const { item = "tea", count = 1 } = event.payload;

    const price = await step.do("price", async () => {
      if (!(count > 0)) throw new NonRetryableError(`Nobody orders ${count} of ${item}`);
      return count * 3;
    });

    const receipt = await step.do(
      "charge",
      { retries: { limit: 5, delay: "1 second", backoff: "exponential" }, timeout: "10 seconds" },
      async ({ attempt, idempotencyKey }) => {
        // The first attempt always fails, to show that it is repeated.
        if (attempt === 1) throw new Error("The payment provider is busy");
        return `${price} paid, ${idempotencyKey}`;
      },
    );

    // Neither a worker nor a slot is held meanwhile, for a second or for a year.
    await step.sleep("let the payment settle", "1 second");

    const approval = await step.waitForEvent<Approval>("approval", {
      type: "approval",
      timeout: "1 day",
    });

    return await step.do("ship", async () => {
      return { shipped: `${count} × ${item}`, receipt, approvedBy: approval.payload.by };
    });
  }
}

/** `bullmq-workflows dev` and `worker` call this with an engine. */
export function register(engine: WorkflowEngine): void {
  engine.register(OrderWorkflow, { name: "orders", concurrency: { limit: 50 } });
}

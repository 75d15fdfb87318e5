/**
 * Receives the payment provider's webhooks and turns each into an event for its order.
 *
 * It acknowledges only what is stored: whatever fails is answered with 503, and the provider comes
 * again. So an order may get the same event twice, which is harmless: it waits for one, and a
 * finished order needs none.
 */
import { InvalidTransitionError } from "bullmq-workflows";
import type { Workflow, WorkflowInstance } from "bullmq-workflows";
import { readJson, startHttpService } from "./http-service.ts";
import type { HttpService, Reply } from "./http-service.ts";
import type { Order } from "./order.ts";
import type { Settlement } from "./order-workflow.ts";
import type { Charge } from "./payment-provider.ts";

export function startWebhookReceiver(orders: Workflow<Order>): Promise<HttpService> {
  return startHttpService({
    handle: async (request) => {
      const { orderId, chargeId } = await readJson<Charge>(request);
      return await settle(await orders.get(orderId), { chargeId });
    },
  });
}

async function settle(order: WorkflowInstance, payload: Settlement): Promise<Reply> {
  try {
    await order.sendEvent({ type: "payment-settled", payload });
    return { status: 200 };
  } catch (error) {
    // The order has ended, so it has had its event: this is the same one again.
    if (error instanceof InvalidTransitionError) return { status: 200 };
    return { status: 503, body: { reason: String(error) } };
  }
}

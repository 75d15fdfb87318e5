import { WorkflowEntrypoint } from "cloudflare:workers";
import type { WorkflowEvent, WorkflowStep } from "cloudflare:workers";
import { NonRetryableError } from "cloudflare:workflows";

interface Order {
  readonly item: string;
  readonly count: number;
}

interface Approval {
  readonly by: string;
}

/** Charges and ships an order that somebody has approved. Every step is recorded, and never runs again. */
export class OrderWorkflow extends WorkflowEntrypoint<Env, Order> {
  async run(event: Readonly<WorkflowEvent<Order>>, step: WorkflowStep) {
    const { item, count } = event.payload;

    const price = await step.do("price", async () => {
      if (!(count > 0)) throw new NonRetryableError(`Nobody orders ${count} of ${item}`);
      return count * 3;
    });

    await step.do(
      "charge",
      { retries: { limit: 5, delay: "1 second", backoff: "exponential" }, timeout: "10 seconds" },
      async ({ attempt }) => {
        // The first attempt always fails, to show that it is repeated.
        if (attempt === 1) throw new Error("The payment provider is busy");
        return price;
      },
    );

    // Neither a worker nor a slot is held meanwhile, for a second or for a year.
    await step.sleep("let the payment settle", "1 second");

    const approval = await step.waitForEvent<Approval>("approval", {
      type: "approval",
      timeout: "1 day",
    });

    return await step.do("ship", async () => {
      return `${this.env.SHOP} ships ${count} × ${item} for ${price}, approved by ${approval.payload.by}`;
    });
  }
}

export default {
  /**
   * - `POST /orders` with `{ "item": "tea", "count": 2 }` begins a workflow
   * - `GET /orders/<id>` shows how far it is
   * - `POST /orders/<id>/approval` with `{ "by": "Ada" }` sends it the event it waits for
   */
  async fetch(request, env): Promise<Response> {
    const [, collection, id, action] = new URL(request.url).pathname.split("/");
    if (collection !== "orders") return new Response("Try POST /orders\n", { status: 404 });

    if (id === undefined && request.method === "POST") {
      const instance = await env.ORDERS.create({ params: await request.json<Order>() });
      return Response.json({ id: instance.id }, { status: 201 });
    }

    const instance = await env.ORDERS.get(String(id));
    if (action === "approval" && request.method === "POST") {
      await instance.sendEvent({ type: "approval", payload: await request.json<Approval>() });
      return new Response(null, { status: 204 });
    }
    return Response.json({ id: instance.id, ...(await instance.status()) });
  },
} satisfies ExportedHandler<Env>;

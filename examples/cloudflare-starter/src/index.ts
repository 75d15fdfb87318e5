import { WorkflowEntrypoint, WorkflowEvent, WorkflowStep } from "cloudflare:workers";
import { NonRetryableError } from "cloudflare:workflows";

interface Order {
  readonly item: string;
  readonly count: number;
}

interface Approval {
  readonly by: string;
}

/** Reserves, charges and ships an order that somebody has approved; gives back what it reserved if that fails. */
export class OrderWorkflow extends WorkflowEntrypoint<Env, Order> {
  async run(event: WorkflowEvent<Order>, step: WorkflowStep) {
    const { item, count } = event.payload;

    const price = await step.do("price", async () => {
      if (!(count > 0)) throw new NonRetryableError(`Nobody orders ${count} of ${item}`);
      return count * 3;
    });

    await step.do("reserve", async () => ({ item, count }), {
      rollback: async ({ output, error }) => {
        console.log(`Gave back ${output?.count} × ${output?.item}: ${error.message}`);
      },
      rollbackConfig: { retries: { limit: 3, delay: "1 second" } },
    });

    const payment = await step.do(
      "charge",
      { retries: { limit: 3, delay: "1 second", backoff: "constant" }, timeout: "30 seconds" },
      async ({ attempt }) => {
        // The first attempt always fails, to show that it is repeated.
        if (attempt === 1) throw new Error("The payment provider is busy");
        if (price > 100) throw new NonRetryableError("The card was declined");
        return { price, attempt };
      },
    );

    await step.sleep("let the payment settle", "1 second");

    const approval = await step.waitForEvent<Approval>("wait for approval", {
      type: "approval",
      timeout: "1 hour",
    });

    const pickUp = await step.do("agree on a time", async () => Date.now() + 1_000);
    await step.sleepUntil("wait for the courier", new Date(pickUp));

    // A stream is recorded as it comes, and read again from the record in every replay.
    const label = await step.do("print the label", async () => {
      return new Blob([`${this.env.SHOP} ships ${count} × ${item} for ${payment.price}`]).stream();
    });

    const text = await new Response(label).text();
    return { text, attempts: payment.attempt, approvedBy: approval.payload.by };
  }
}

export default {
  /**
   * - `POST /orders` with `{ "item": "tea", "count": 2 }` begins a workflow
   * - `GET /orders/<id>` shows how far it is
   * - `POST /orders/<id>/approval` with `{ "by": "Ada" }` sends it the event it waits for
   */
  async fetch(request, env, ctx): Promise<Response> {
    const [, collection, id, action] = new URL(request.url).pathname.split("/");
    if (collection !== "orders") return new Response("Not found\n", { status: 404 });

    if (id === undefined && request.method === "POST") {
      const instance = await env.ORDERS.create({ params: await request.json<Order>() });
      ctx.waitUntil(logCreation(instance.id));
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

async function logCreation(id: string): Promise<void> {
  console.log(`Order ${id} was taken`);
}

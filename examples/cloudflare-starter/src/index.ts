import { WorkflowEntrypoint, WorkflowEvent, WorkflowStep } from "cloudflare:workers";
import { NonRetryableError } from "cloudflare:workflows";

interface Order {
  readonly item: string;
  readonly count: number;
}

export class OrderWorkflow extends WorkflowEntrypoint<Env, Order> {
  async run(event: WorkflowEvent<Order>, step: WorkflowStep) {
    const { item, count } = event.payload;
    const price = await step.do("price", async () => {
      if (!(count > 0)) throw new NonRetryableError("An order needs a count");
      return count * 3;
    });
    const payment = await step.do(
      "charge",
      { retries: { limit: 3, delay: "1 second", backoff: "constant" }, timeout: "30 seconds" },
      async (context) => {
        if (context.attempt === 1) throw new Error("The payment provider is busy");
        return { price, attempt: context.attempt };
      },
    );
    await step.sleep("let it settle", "1 second");
    const approval = await step.waitForEvent<{ by: string }>("approval", {
      type: "approval",
      timeout: "1 hour",
    });
    await step.sleepUntil("next full second", Math.ceil(Date.now() / 1000 + 1) * 1000);
    return await step.do("ship", async () => ({
      text: `${this.env.SHOP} ships ${count} ${item} for ${payment.price}`,
      attempts: payment.attempt,
      approvedBy: approval.payload.by,
    }));
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const id = url.searchParams.get("id");
    if (request.method === "POST" && url.pathname === "/orders") {
      const instance = await env.ORDERS.create({ params: await request.json() });
      return Response.json({ id: instance.id }, { status: 201 });
    }
    if (id === null) return new Response("Which order?\n", { status: 400 });
    const instance = await env.ORDERS.get(id);
    if (request.method === "POST" && url.pathname === "/approval") {
      await instance.sendEvent({ type: "approval", payload: await request.json() });
      return new Response(null, { status: 204 });
    }
    return Response.json({ id, status: await instance.status() });
  },
} satisfies ExportedHandler<Env>;

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { runProject } from "@bullmq-workflows/cloudflare";
import type { Project } from "@bullmq-workflows/cloudflare";
import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";

let redis: EmbeddedServer;
let project: Project;

before(async () => {
  redis = await startServer();
  project = await runProject({ directory: ".", connection: redis.url });
});

after(async () => {
  await project.close();
  await redis.close();
});

interface Order {
  readonly id: string;
  readonly status?: string;
  readonly output?: unknown;
}

async function call(path: string, body?: unknown): Promise<Response> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await project.fetch?.(new Request(`http://localhost${path}`, init));
  assert(response?.ok);
  return response;
}

void test("an order is charged, approved and shipped", { timeout: 20_000 }, async () => {
  const { id } = (await (await call("/orders", { item: "tea", count: 2 })).json()) as Order;
  await call(`/orders/${id}/approval`, { by: "Ada" });

  let order: Order = { id };
  while (order.status !== "complete") {
    await delay(100);
    order = (await (await call(`/orders/${id}`)).json()) as Order;
  }

  assert.equal(order.output, "Corner Shop ships 2 × tea for 6, approved by Ada");
});

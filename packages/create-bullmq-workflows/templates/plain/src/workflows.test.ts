import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { WorkflowEngine } from "bullmq-workflows";
import { OrderWorkflow } from "./workflows.ts";

let redis: EmbeddedServer;
let engine: WorkflowEngine;

before(async () => {
  redis = await startServer();
  engine = new WorkflowEngine({ connection: redis.url });
});

after(async () => {
  await engine.close();
  await redis.close();
});

void test("an order is charged, approved and shipped", async () => {
  const orders = engine.register(OrderWorkflow, { name: "orders" });
  const instance = await orders.create({ params: { item: "tea", count: 2 } });
  await instance.sendEvent({ type: "approval", payload: { by: "Ada" } });

  const { shipped, approvedBy } = await instance.result({ timeout: "20 seconds" });

  assert.deepEqual({ shipped, approvedBy }, { shipped: "2 × tea", approvedBy: "Ada" });
});

/** A workflow that echoes, a webhook's receiver, and what a test of webhooks does with them. */
import { expect } from "vitest";
import { eventually } from "../../../bullmq-workflows/test/support/eventually.ts";
import type { TestRedis } from "../../../bullmq-workflows/test/support/redis.ts";
import type { WebhookOptions } from "../../src/index.ts";
import { startReceiver } from "./receiver.ts";
import type { Receiver } from "./receiver.ts";
import { json, setStage, workflowOf } from "./stage.ts";
import type { Reply, Stage } from "./stage.ts";

export const Echo = workflowOf(async (step, { payload }) => {
  if (payload === "fail") throw new RangeError("too far");
  if (payload === "wait") await step.waitForEvent("go", { type: "go" });
  return payload;
});

export const LOCAL: WebhookOptions = { allowLoopback: true, retryDelay: () => 10 };

export async function setWebhookStage(redis: TestRedis, webhooks: WebhookOptions = LOCAL) {
  const stage = await setStage(redis, { webhooks });
  const echo = stage.engine.register(Echo, { name: "echo" });
  await stage.engine.ready();
  return { ...stage, echo, receiver: await startReceiver() };
}

export async function create(
  { call }: Pick<Stage, "call">,
  body: object,
): Promise<Record<string, string>> {
  const reply = await call("/webhooks", json("POST", body));
  expect(reply.body.errors).toEqual([]);
  return reply.body.result as Record<string, string>;
}

export async function receive(
  receiver: Receiver,
  count: number,
): Promise<readonly Reply["body"][]> {
  await eventually(async () => expect(receiver.received.length).toBeGreaterThanOrEqual(count));
  return receiver.received.map(({ body }) => JSON.parse(body) as Reply["body"]);
}

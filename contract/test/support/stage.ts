/** A Redis, an engine that runs workflows, and a server on a port: the built packages, as users have them. */
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import type { Workflow, WorkflowEvent, WorkflowStep } from "bullmq-workflows";
import { createServer } from "@bullmq-workflows/server";
import type { ServerOptions, TokenOptions, WorkflowServer } from "@bullmq-workflows/server";
import { listen } from "@bullmq-workflows/server/node";
import { expect } from "vitest";
import { eventually } from "../../../packages/bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../../packages/bullmq-workflows/test/support/redis.ts";

export interface Stage {
  readonly engine: WorkflowEngine;
  readonly orders: Workflow;
  readonly server: WorkflowServer;
  /** Without a path. */
  readonly url: string;
  readonly redisUrl: string;
  close(): Promise<void>;
}

/** Adds up, rests, waits for `paid`, fails once, and ends. With a sum below zero it fails for good. */
export class OrderWorkflow extends WorkflowEntrypoint<unknown, { readonly sum?: number }> {
  override async run(event: WorkflowEvent<{ readonly sum?: number }>, step: WorkflowStep) {
    const { sum = 1 } = event.payload;
    const undo = { rollback: () => {} };
    const total = await step.do("add up", async () => ({ total: sum }), undo);
    await step.sleep("rest", 1);
    const { payload } = await step.waitForEvent<{ by: string }>("payment", { type: "paid" });
    let attempts = 0;
    const retries = { limit: 2, delay: 1, backoff: "constant" } as const;
    await step.do("ship", { retries }, async () => {
      attempts += 1;
      if (attempts < 2 || sum < 0) throw new TypeError("no ship today");
      return "shipped";
    });
    return { ...total, by: payload.by };
  }
}

export async function openStage(options: Partial<ServerOptions> = {}): Promise<Stage> {
  const redis = await startRedis();
  const redisUrl = `redis://127.0.0.1:${redis.port}`;
  const engine = new WorkflowEngine({ connection: redisUrl, lease: 600, sweepInterval: 50 });
  const orders = engine.register(OrderWorkflow, { name: "orders", errors: "cloudflare" });
  await engine.ready();
  const client = new WorkflowEngine({ connection: redisUrl, mode: "client" });
  const server = createServer({ engine: client, ...options });
  const listener = await listen(server, { port: 0, hostname: "localhost" });
  return {
    engine,
    orders,
    server,
    url: listener.url,
    redisUrl,
    async close() {
      await listener.close({ graceMs: 0 });
      await server.close();
      await client.close();
      await engine.close({ force: true });
      await redis.stop();
    },
  };
}

/** What tells wrangler where the server is. */
export async function settingsOf(
  { server, url }: Stage,
  options: Partial<TokenOptions> = {},
): Promise<Readonly<Record<string, string>>> {
  const { token } = await server.tokens.create({ name: "wrangler", role: "admin", ...options });
  return { CLOUDFLARE_API_BASE_URL: `${url}/client/v4`, CLOUDFLARE_API_TOKEN: token };
}

export const ACCOUNT = { CLOUDFLARE_ACCOUNT_ID: "default" };

/** Creates an instance and waits until it waits for its payment. */
export async function createWaiting(orders: Workflow, id: string, params = {}): Promise<void> {
  await orders.create({ id, params });
  await until(orders, id, "waiting");
}

export async function until(orders: Workflow, id: string, status: string): Promise<void> {
  const instance = await orders.get(id);
  await eventually(async () => expect(await instance.status()).toMatchObject({ status }));
}

import { randomUUID } from "node:crypto";
import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe } from "vitest";
import { ActivationQueue } from "../../src/bullmq/activation-queue.ts";
import { describeDispatcher } from "./dispatcher.suite.ts";
import type { DispatcherSetup } from "./dispatcher.suite.ts";

const silence = { log: () => {}, count: () => {} };

describe.each(["native", "wasm"] as const)("on a %s server", (kind) => {
  let server: EmbeddedServer;

  beforeAll(async () => {
    server = await startServer({ kind });
  });
  afterAll(async () => await server.close());

  describeDispatcher("ActivationQueue", async () => await openQueue(server.url));
});

async function openQueue(url: string): Promise<DispatcherSetup> {
  const tag = `{test-${randomUUID()}:workflow:0}`;
  const clients: Redis[] = [];
  const open = (options: { maxRetriesPerRequest?: null } = {}): Redis => {
    const client = new Redis(url, options);
    clients.push(client);
    return client;
  };
  return {
    connect: async () =>
      new ActivationQueue({
        tag,
        connection: open(),
        createBlockingConnection: () => open({ maxRetriesPerRequest: null }),
        telemetry: silence,
        leaseMs: 10_000,
      }),
    dispose: async () => {
      for (const client of clients) client.disconnect();
    },
  };
}

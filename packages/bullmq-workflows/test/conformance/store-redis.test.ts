import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe } from "vitest";
import { RedisStore } from "../../src/redis/redis-store.ts";
import { Subscriptions } from "../../src/redis/subscriptions.ts";
import { randomTag } from "../support/redis.ts";
import { describeStore } from "./store.suite.ts";
import type { StoreSetup } from "./store.suite.ts";
import { captureKeys, hideRecord } from "./store/redis-capture.ts";
import { checkRedisConsistency } from "./store/redis-consistency.ts";

describe.each(["native", "wasm"] as const)("on a %s server", (kind) => {
  let server: EmbeddedServer;

  beforeAll(async () => {
    server = await startServer({ kind });
  });
  afterAll(async () => await server.close());

  describeStore("RedisStore", async () => await openStore(server.url));
});

async function openStore(url: string): Promise<StoreSetup> {
  const tag = randomTag();
  const client = new Redis(url);
  const subscriptions = new Subscriptions(client);
  return {
    connect: async () => new RedisStore({ client, subscriptions, tag }),
    // Scripts go by Redis's clock, so this is the one place where a test really waits.
    passTime: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms + 1)),
    capture: async () => await captureKeys(client, tag),
    loseRecord: async (id) => await hideRecord(client, tag, id),
    checkConsistency: async () => await checkRedisConsistency(client, tag),
    dispose: async () => {
      await subscriptions.close();
      client.disconnect();
    },
  };
}

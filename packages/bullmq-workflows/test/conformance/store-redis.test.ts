import { afterAll, beforeAll } from "vitest";
import { RedisStore } from "../../src/redis/redis-store.ts";
import { Subscriptions } from "../../src/redis/subscriptions.ts";
import { randomTag, startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { describeStore } from "./store.suite.ts";
import { checkRedisConsistency } from "./store/redis-consistency.ts";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => await redis.stop());

describeStore("RedisStore", async () => {
  const tag = randomTag();
  const client = redis.connect();
  const subscriptions = new Subscriptions(client);
  return {
    connect: async () => new RedisStore({ client, subscriptions, tag }),
    // Scripts go by Redis's clock, so this is the one place where a test really waits.
    passTime: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms + 1)),
    checkConsistency: async () => await checkRedisConsistency(client, tag),
    dispose: async () => {
      await subscriptions.close();
      client.disconnect();
    },
  };
});

/** One node with all slots: what matters is that every script stays within one slot. */
import { Cluster } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { RedisStore } from "../../src/redis/redis-store.ts";
import { Subscriptions } from "../../src/redis/subscriptions.ts";
import { startCluster } from "../support/cluster.ts";
import { randomTag } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { describeStore } from "./store.suite.ts";
import { captureKeys, hideRecord } from "./store/redis-capture.ts";
import { checkRedisConsistency } from "./store/redis-consistency.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startCluster()));

afterAll(async () => await redis.stop());

describeStore("RedisStore on a cluster", async () => {
  const tag = randomTag();
  const client = new Cluster([{ host: "127.0.0.1", port: redis.port }]);
  const direct = redis.connect();
  const subscriptions = new Subscriptions(client);
  return {
    connect: async () => new RedisStore({ client, subscriptions, tag }),
    passTime: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms + 1)),
    capture: async () => await captureKeys(direct, tag),
    loseRecord: async (id) => await hideRecord(direct, tag, id),
    checkConsistency: async () => await checkRedisConsistency(direct, tag),
    dispose: async () => {
      await subscriptions.close();
      client.disconnect();
      direct.disconnect();
    },
  };
});

import { Cluster } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { OUTBOX_LIMIT } from "../../src/engine/ports/status-feed.ts";
import { RedisStatusFeed } from "../../src/redis/redis-status-feed.ts";
import { RedisStore } from "../../src/redis/redis-store.ts";
import type { RedisClient } from "../../src/redis/script-runner.ts";
import { Subscriptions } from "../../src/redis/subscriptions.ts";
import { startCluster } from "../support/cluster.ts";
import { randomTag, startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { describeFeed } from "./feed.suite.ts";
import type { FeedSetup } from "./feed.suite.ts";
import { checkRedisConsistency } from "./store/redis-consistency.ts";

let redis: TestRedis;
let cluster: TestRedis;

beforeAll(async () => void ([redis, cluster] = await Promise.all([startRedis(), startCluster()])));

afterAll(async () => void (await Promise.all([redis.stop(), cluster.stop()])));

describeFeed("on Redis", async () => openOn(redis.connect(), redis));

describeFeed("on a cluster", async () =>
  openOn(new Cluster([{ host: "127.0.0.1", port: cluster.port }]), cluster),
);

function openOn(client: RedisClient, server: TestRedis): FeedSetup {
  const parts = { client, tag: randomTag(), subscriptions: new Subscriptions(client) };
  return {
    store: new RedisStore(parts),
    feed: new RedisStatusFeed(parts),
    connect: async () => new RedisStatusFeed(parts),
    fillOutbox: async () => {
      const script = `for i = 1, ARGV[1] do redis.call("XADD", KEYS[1], "*", "change", "queued 1 a") end`;
      await client.eval(script, 1, `${parts.tag}:outbox`, OUTBOX_LIMIT);
    },
    // Scripts go by Redis's clock.
    passTime: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms + 1)),
    dispose: async () => {
      await checkRedisConsistency(server.connect(), parts.tag);
      await parts.subscriptions.close();
      client.disconnect();
    },
  };
}

import { Cluster } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { RedisAccessLedger } from "../../src/redis/redis-access-ledger.ts";
import { RedisDirectory } from "../../src/redis/redis-directory.ts";
import { RedisWebhookLedger } from "../../src/redis/redis-webhook-ledger.ts";
import type { RedisClient } from "../../src/redis/script-runner.ts";
import { startCluster } from "../support/cluster.ts";
import { randomTag, startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { describeDirectory } from "./directory.suite.ts";
import type { DirectorySetup } from "./directory.suite.ts";

let redis: TestRedis;
let cluster: TestRedis;

beforeAll(async () => void ([redis, cluster] = await Promise.all([startRedis(), startCluster()])));

afterAll(async () => void (await Promise.all([redis.stop(), cluster.stop()])));

describeDirectory("on Redis", async () => openOn(redis.connect()));

describeDirectory("on a cluster", async () =>
  openOn(new Cluster([{ host: "127.0.0.1", port: cluster.port }])),
);

function openOn(client: RedisClient): DirectorySetup {
  const tag = randomTag();
  return {
    directory: new RedisDirectory(client, tag),
    accessLedger: new RedisAccessLedger(client, tag),
    webhookLedger: new RedisWebhookLedger(client, tag),
    // Scripts go by Redis's clock.
    passTime: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms + 1)),
    dispose: async () => client.disconnect(),
  };
}

/** What instances can be found by costs those that have it, and nobody else. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { NewInstance } from "../../src/engine/ports/instances.ts";
import { RedisStore } from "../../src/redis/redis-store.ts";
import { createInstance } from "../../src/redis/scripts.generated.ts";
import { Subscriptions } from "../../src/redis/subscriptions.ts";
import { randomTag, startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { COMPLETE, claim, newInstance, write } from "../conformance/store/bundle.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));
afterAll(async () => await redis.stop());

type Counts = Readonly<Record<string, number>>;

/** How often Redis carried out which command, in scripts too. */
async function commandsOf(act: () => Promise<unknown>): Promise<Counts> {
  const client = redis.connect();
  await client.config("RESETSTAT");
  await act();
  const stats = await client.info("commandstats");
  const counts = [...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(([, name = "", calls]) => {
    return [name, Number(calls)] as const;
  });
  // What belongs to asking, and to connections, of which others may be made meanwhile.
  const own = new Set(["config", "info", "client", "hello", "eval", "evalsha", "select"]);
  return Object.fromEntries(counts.filter(([name]) => !own.has(name)));
}

async function lifeOf(rest: Partial<NewInstance>): Promise<Record<string, Counts>> {
  const client = redis.connect();
  const subscriptions = new Subscriptions(client);
  const store = new RedisStore({ client, subscriptions, tag: randomTag() });
  const life: Record<string, Counts> = {};
  life["create"] = await commandsOf(
    async () => await store.instances.create([newInstance("a", rest)]),
  );
  life["finish"] = await commandsOf(async () => {
    const claimed = await claim(store, "a");
    await store.activations.commit({
      ...write("a", claimed),
      entries: ['{"type":"workflow_running"}'],
    });
    await store.activations.finish({
      ...write("a", claimed, { commit: 2, after: 1 }),
      result: COMPLETE,
    });
  });
  life["delete"] = await commandsOf(async () => await store.commands.delete("a"));
  await subscriptions.close();
  return life;
}

test("without labels a life takes the commands that it took before there were any", async () => {
  expect(await lifeOf({})).toEqual({
    create: { time: 1, hmget: 2, get: 1, set: 1, zadd: 2, rpush: 1, hset: 1 },
    finish: expect.any(Object),
    delete: expect.any(Object),
  });
  expect(
    createInstance.encode({
      id: "a",
      params: "{}",
      priority: 1,
      delayMs: 0,
      successMs: 1,
      errorMs: 1,
      nonce: "n",
    }),
  ).toHaveLength(7);
});

test("a label costs its index one command at the creation, and one at the deletion", async () => {
  const plain = await lifeOf({});
  const labelled = await lifeOf({ labels: ["tag:a", "tag:b"] });

  const [birth, death] = [plain["create"], plain["delete"]];
  expect(labelled["create"]).toEqual({ ...birth, zadd: Number(birth?.["zadd"]) + 2 });
  expect(labelled["finish"]).toEqual(plain["finish"]);
  expect(labelled["delete"]).toEqual({ ...death, zrem: Number(death?.["zrem"]) + 2 });
});

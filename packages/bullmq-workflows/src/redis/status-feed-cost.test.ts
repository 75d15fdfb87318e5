/** What feeds and webhooks cost those who are not watched: not one command. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { COMPLETE, LONG_MS, claim, create, write } from "../../test/conformance/store/bundle.ts";
import { randomTag, startRedis } from "../../test/support/redis.ts";
import type { TestRedis } from "../../test/support/redis.ts";
import { RedisStatusFeed } from "./redis-status-feed.ts";
import { RedisStore } from "./redis-store.ts";
import { Subscriptions } from "./subscriptions.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

type Counts = Readonly<Record<string, number>>;

function setup() {
  const client = redis.connect();
  const subscriptions = new Subscriptions(client);
  onTestFinished(async () => await subscriptions.close());
  const parts = { client, subscriptions, tag: randomTag() };
  const store = new RedisStore(parts);
  /** What Redis was asked for by one call, scripts' own commands included. */
  const count = async (call: () => Promise<unknown>): Promise<Counts> => {
    await client.config("RESETSTAT");
    await call();
    const stats = [...(await client.info("commandstats")).matchAll(/cmdstat_(\w+):calls=(\d+)/g)];
    const counts = stats.map(([, name, calls]) => [String(name), Number(calls)] as const);
    return Object.fromEntries(counts.filter(([name]) => !IGNORED.has(name)));
  };
  /** Each verb of an instance's way, the scripts being known to Redis. */
  const measure = async (): Promise<Readonly<Record<string, Counts>>> => {
    const steps = async (id: string, run: (call: () => Promise<unknown>) => Promise<Counts>) => {
      const created = await run(async () => await create(store, id));
      let fence = 0;
      const claimed = await run(async () => void ({ fence } = await claim(store, id)));
      const next = (commit: number) =>
        write(id, { fence }, { commit, after: commit - 1, entries: ['{"type":"x"}'] });
      const committed = await run(async () => await store.activations.commit(next(1)));
      const suspended = await run(
        async () =>
          await store.activations.suspend({ ...next(2), awaits: ["go"], wakeInMs: LONG_MS }),
      );
      await store.commands.sendEvent(id, { type: "go" });
      ({ fence } = await claim(store, id));
      const finished = await run(
        async () => await store.activations.finish({ ...next(1), result: COMPLETE }),
      );
      return { created, claimed, committed, suspended, finished };
    };
    await steps("warm-up", count);
    return await steps("a", count);
  };
  return { feed: new RedisStatusFeed(parts), measure };
}

const IGNORED = new Set(["config", "info", "evalsha", "eval"]);

/** As it was before there were feeds, but that the settings were read with HGET. */
const UNWATCHED = {
  created: {
    get: 1,
    hmget: 2,
    hset: 1,
    rpush: 1,
    set: 1,
    time: 1,
    zadd: 2,
  },
  claimed: {
    get: 1,
    hmget: 1,
    hset: 1,
    lrange: 1,
    set: 1,
    time: 1,
    zadd: 2,
    zrem: 2,
  },
  committed: { hmget: 1, hset: 1, rpush: 1, time: 1 },
  suspended: { hmget: 2, hset: 1, rpush: 1, time: 1, zadd: 2, zrem: 2 },
  // It was sent an event, of which it must leave nothing.
  finished: { del: 1, hmget: 2, hset: 1, publish: 1, rpush: 1, time: 1, zadd: 2, zrem: 2 },
};

test("an instance in a workflow that nobody watches takes the commands that it always took", async () => {
  const { measure } = setup();

  expect(await measure()).toEqual(UNWATCHED);
});

test("a watch that is over costs nothing either", async () => {
  const { feed, measure } = setup();
  await feed.watch(1);
  await feed.keep(["terminated"]);
  await new Promise((resolve) => setTimeout(resolve, 5));

  expect(await measure()).toEqual(UNWATCHED);
});

test("watched, each change takes one more, and one that goes to the outbox two", async () => {
  const { feed, measure } = setup();
  await feed.watch(LONG_MS);
  await feed.keep(["complete"]);

  const { created, claimed, committed, suspended, finished } = await measure();

  expect(created).toEqual({ ...UNWATCHED.created, publish: 1 });
  expect(claimed).toEqual({ ...UNWATCHED.claimed, publish: 1 });
  expect(committed).toEqual(UNWATCHED.committed);
  expect(suspended).toEqual({ ...UNWATCHED.suspended, publish: 1 });
  expect(finished).toEqual({ ...UNWATCHED.finished, publish: 2, xadd: 1, xlen: 1 });
});

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { startSilenceableProxy } from "../../test/support/silenceable-proxy.ts";
import { startRedis } from "../../test/support/redis.ts";
import type { TestRedis } from "../../test/support/redis.ts";
import { Subscriptions } from "./subscriptions.ts";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => await redis.stop());

interface Heard {
  readonly messages: string[];
  gaps: number;
}

async function listen(subscriptions: Subscriptions, channel: string): Promise<Heard> {
  const heard: Heard = { messages: [], gaps: 0 };
  const hear = (message: string): void => void heard.messages.push(message);
  await subscriptions.listen(channel, hear, () => void heard.gaps++);
  return heard;
}

function setup(server: TestRedis = redis): Subscriptions {
  const subscriptions = new Subscriptions(server.connect());
  onTestFinished(async () => await subscriptions.close());
  return subscriptions;
}

/** Ends the connection that listens, and no other. */
async function breakConnection(server: TestRedis): Promise<void> {
  await server.connect().client("KILL", "TYPE", "PUBSUB");
}

test("whoever listens hears, on one connection for all", async () => {
  const subscriptions = setup();
  const publisher = redis.connect();
  const before = await countConnections(redis);
  const [first, second, other] = await Promise.all(
    ["news", "news", "other"].map((channel) => listen(subscriptions, channel)),
  );

  await publisher.publish("news", "1");
  await publisher.publish("other", "2");

  await eventually(() => expect(other?.messages).toEqual(["2"]));
  expect(first?.messages).toEqual(["1"]);
  expect(second?.messages).toEqual(["1"]);
  expect(await countConnections(redis)).toBe(before + 1);
});

test("after a broken connection everybody is told of the gap, and hears again", async () => {
  const subscriptions = setup();
  const publisher = redis.connect();
  const heard = await listen(subscriptions, "broken");
  const other = await listen(subscriptions, "broken-other");

  await breakConnection(redis);

  await eventually(() => expect([heard.gaps, other.gaps]).toEqual([1, 1]));
  await publisher.publish("broken", "after");
  await eventually(() => expect(heard.messages).toEqual(["after"]));
});

test("when Redis is away for longer it is tried again until it is back", async () => {
  const server = await startRedis();
  onTestFinished(async () => await server.stop());
  const heard = await listen(setup(server), "channel");

  await server.restart();

  await eventually(() => expect(heard.gaps).toBe(1));
  await server.connect().publish("channel", "back");
  await eventually(() => expect(heard.messages).toEqual(["back"]));
});

test("a connection that went silent is noticed and replaced", async () => {
  const proxy = await startSilenceableProxy(redis.port);
  onTestFinished(() => proxy.stop());
  const client = redis.connect({ port: proxy.port });
  const subscriptions = new Subscriptions(client, { pingIntervalMs: 50, answerTimeoutMs: 200 });
  onTestFinished(async () => await subscriptions.close());
  const heard = await listen(subscriptions, "silent");

  proxy.silence();

  await eventually(() => expect(heard.gaps).toBe(1));
  await redis.connect().publish("silent", "after");
  await eventually(() => expect(heard.messages).toEqual(["after"]));
});

test("a connection on which nothing is published is kept as long as Redis answers", async () => {
  const server = await startRedis();
  onTestFinished(async () => await server.stop());
  const times = { pingIntervalMs: 20, answerTimeoutMs: 200 };
  const subscriptions = new Subscriptions(server.connect(), times);
  onTestFinished(async () => await subscriptions.close());
  const heard = await listen(subscriptions, "quiet");
  const client = server.connect();

  await eventually(async () => {
    const stats = await client.info("commandstats");
    expect(Number(/cmdstat_ping:calls=(\d+)/.exec(stats)?.[1])).toBeGreaterThan(20);
  });

  expect(heard.gaps).toBe(0);
});

test("who unsubscribed hears nothing more, and is told of no gap", async () => {
  const subscriptions = setup();
  const messages: string[] = [];
  const unsubscribe = await subscriptions.listen(
    "left",
    (message) => messages.push(message),
    () => messages.push("gap"),
  );
  const other = await listen(subscriptions, "left");

  unsubscribe();
  unsubscribe();
  await breakConnection(redis);
  await eventually(() => expect(other.gaps).toBe(1));

  expect(messages).toEqual([]);
});

test("a Redis that cannot be reached is unavailable to who wants to listen", async () => {
  const server = await startRedis();
  const subscriptions = setup(server);
  await server.stop();

  const failure = listen(subscriptions, "channel");

  await expect(failure).rejects.toMatchObject({ code: "store.unavailable" });
});

test("nothing is left open after closing", async () => {
  const subscriptions = setup();
  const before = await countConnections(redis);
  await listen(subscriptions, "closing");

  await subscriptions.close();

  await eventually(async () => expect(await countConnections(redis)).toBe(before));
  await expect(listen(subscriptions, "closing")).rejects.toThrow("closed");
});

async function countConnections(server: TestRedis): Promise<number> {
  const client = server.connect();
  const list = String(await client.client("LIST"));
  client.disconnect();
  return list.split("\n").filter((line) => line && !line.includes("cmd=client")).length;
}

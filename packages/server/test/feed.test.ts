/** The changes of status of many instances, heard over HTTP. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { ServerOptions } from "../src/index.ts";
import { listenTo } from "./support/live-reader.ts";
import type { HeardEvent } from "./support/live-reader.ts";
import { ACCOUNT, setStage, workflowOf } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const Waiter = workflowOf(async (step) => await step.waitForEvent("go", { type: "go" }));

async function setup(options: Partial<ServerOptions> = {}) {
  const stage = await setStage(redis, options);
  const waiter = stage.engine.register(Waiter, { name: "w" });
  await stage.engine.ready();
  const base = `${stage.url}/client/v4/accounts/${ACCOUNT}`;
  return { ...stage, waiter, base };
}

function changeOf({ data }: HeardEvent): string {
  return `${String(data?.["workflow_name"])} ${String(data?.["instance_id"])} ${String(data?.["status"])}`;
}

const came = (status: string) => (event: HeardEvent) => event.data?.["status"] === status;

test("a workflow's feed begins with a reset, and tells every change from then on", async () => {
  const { waiter, base } = await setup();
  await waiter.create({ id: "before" });
  const feed = await listenTo(`${base}/workflows/w/feed`);
  const first = await feed.next();

  const instance = await waiter.create({ id: "a" });
  const changes = await feed.until(came("waiting"));
  await instance.sendEvent({ type: "go", payload: 1 });
  await feed.until(came("complete"));
  await instance.delete();
  await feed.until(came("deleted"));

  expect(first).toEqual({ event: "reset", data: { type: "reset", reason: "opened" } });
  const own = changes.filter(({ data }) => data?.["instance_id"] === "a");
  expect(own.map(changeOf)).toEqual(["w a queued", "w a running", "w a waiting"]);
  expect(own[0]).toEqual({
    event: "status",
    data: {
      type: "status",
      workflow_name: "w",
      instance_id: "a",
      status: "queued",
      timestamp: expect.any(Number),
    },
  });
});

test("a feed tells of the statuses that were asked for, as lines to who accepts them", async () => {
  const { waiter, base } = await setup();
  const accept = { accept: "application/x-ndjson" };
  const feed = await listenTo(`${base}/workflows/w/feed?status=terminated,paused`, accept);
  await feed.next();

  const instance = await waiter.create({ id: "a" });
  await instance.pause();
  // One that a worker has just begun is paused by that.
  await eventually(async () => expect((await instance.status()).status).toBe("paused"));
  await instance.terminate();

  const changes = await feed.until(came("terminated"));
  expect(changes.map(changeOf)).toEqual(["w a paused", "w a terminated"]);
});

test("the feed of a namespace tells of all workflows, also of one that is new", async () => {
  const { waiter, base, engine } = await setup();
  const feed = await listenTo(`${base}/feed`);
  await feed.next();
  await waiter.create({ id: "a" });
  await feed.until(came("queued"));

  const other = engine.register(Waiter, { name: "other" });
  const added = await feed.until(({ event }) => event === "reset");
  await other.create({ id: "b" });
  const changes = await feed.until((event) => event.data?.["instance_id"] === "b");

  expect(added.at(-1)?.data).toEqual({
    type: "reset",
    reason: "workflow_added",
    workflow_name: "other",
  });
  expect(changes.map(changeOf).at(-1)).toBe("other b queued");
});

test("who may see some workflows hears of those alone", async () => {
  const { waiter, base, engine, server } = await setup();
  const other = engine.register(Waiter, { name: "other" });
  await engine.ready();
  const { token } = await server.tokens.create({ name: "a", role: "view", workflows: ["other"] });
  const headers = { authorization: `Bearer ${token}` };
  const feed = await listenTo(`${base}/feed`, headers);
  await feed.next();

  await waiter.create({ id: "hidden" });
  await other.create({ id: "seen" });

  expect((await feed.until(came("waiting"))).map(changeOf)).toEqual([
    "other seen queued",
    "other seen running",
    "other seen waiting",
  ]);
  expect((await fetch(`${base}/workflows/w/feed`, { headers })).status).toBe(403);
});

test("a feed of all workflows ends when its reader may see fewer of them", async () => {
  let workflows: readonly string[] = ["w", "other"];
  const { base } = await setup({
    subscriptions: { recheckInterval: 20 },
    authenticate: () => ({ name: "me", role: "view", namespaces: "all", workflows }),
  });
  const feed = await listenTo(`${base}/feed`);
  const own = await listenTo(`${base}/workflows/w/feed`);
  await feed.next();
  await own.next();

  workflows = ["w"];

  expect(await feed.rest()).toEqual([
    { event: "end", data: { type: "end", reason: "unauthorized" } },
  ]);
  workflows = [];
  expect(await own.rest()).toEqual([
    { event: "end", data: { type: "end", reason: "unauthorized" } },
  ]);
});

test("however many listen, Redis has one subscription to a workflow, and none when they have left", async () => {
  const { base, prefix, server } = await setup();
  const channel = `{${prefix}:w:0}:feed`;
  const client = redis.connect();
  const listeners = async (): Promise<unknown> => (await client.pubsub("NUMSUB", channel))[1];
  const feeds = await Promise.all([
    ...Array.from({ length: 5 }, async () => await listenTo(`${base}/workflows/w/feed`)),
    ...Array.from({ length: 5 }, async () => await listenTo(`${base}/feed`)),
  ]);
  for (const feed of feeds) await feed.next();

  expect(await listeners()).toBe(1);
  for (const feed of feeds) feed.leave();

  await eventually(async () => expect(server.openSubscriptions()).toBe(0));
  await eventually(async () => expect(await listeners()).toBe(0));
});

test("who may have missed something is told so", async () => {
  const { waiter, base } = await setup();
  const feed = await listenTo(`${base}/workflows/w/feed`);
  await feed.next();

  await redis.connect().call("CLIENT", "KILL", "TYPE", "pubsub");

  expect((await feed.next())?.data).toEqual({ type: "reset", reason: "gap", workflow_name: "w" });
  await waiter.create({ id: "a" });
  expect(changeOf((await feed.next()) ?? {})).toBe("w a queued");
});

test("where Redis takes no connection to listen with, that is said in time, and nothing stays open", async () => {
  const { base, server } = await setup({ subscriptions: { startTimeout: 300 } });
  const client = redis.connect();
  // So that all other connections that a call needs are there.
  expect((await fetch(`${base}/workflows/w`)).status).toBe(200);
  const open = /connected_clients:(\d+)/.exec(await client.info("clients"))?.[1] ?? "";
  const [, limit = ""] = await client.config("GET", "maxclients");
  await client.config("SET", "maxclients", open);
  onTestFinished(async () => void (await client.config("SET", "maxclients", limit)));

  const paths = ["/feed", "/workflows/w/feed"];
  const replies = await Promise.all(paths.map(async (path) => await fetch(`${base}${path}`)));

  expect(replies.map(({ status }) => status)).toEqual([503, 503]);
  expect(server.openSubscriptions()).toBe(0);
  await client.config("SET", "maxclients", limit);
  const feed = await listenTo(`${base}/feed`);
  expect((await feed.next())?.event).toBe("reset");
});

test("a feed of a workflow that is not known is refused", async () => {
  const { base } = await setup();

  expect((await fetch(`${base}/workflows/none/feed`)).status).toBe(404);
  expect((await fetch(`${base}/workflows/w/feed?status=bad`)).status).toBe(400);
});

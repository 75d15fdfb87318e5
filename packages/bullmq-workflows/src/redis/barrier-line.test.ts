import { startServer } from "@bullmq-workflows/embedded";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { NEWER_SERVER, NEWER_SERVER_NOTE } from "../../test/support/newer-server.ts";
import { randomTag, startRedis } from "../../test/support/redis.ts";
import type { TestRedis } from "../../test/support/redis.ts";
import type { Barrier } from "../model/barrier.ts";
import { BarrierLine } from "./barrier-line.ts";
import { createInstance, readInstance } from "./scripts.generated.ts";
import type { CreateInstanceArgs } from "./scripts.generated.ts";

const UNAVAILABLE = { code: "store.unavailable" };

function instance(id: string): CreateInstanceArgs {
  return { id, params: "1", priority: 1, delayMs: 0, successMs: 0, errorMs: 0, nonce: id };
}

async function start(...parameters: Parameters<typeof startRedis>): Promise<TestRedis> {
  const redis = await startRedis(...parameters);
  onTestFinished(async () => await redis.stop());
  return redis;
}

async function startReplicated(program?: string): Promise<readonly [TestRedis, TestRedis]> {
  const [primary, replica] = await Promise.all([
    start({ "repl-diskless-sync-delay": "0" }, program),
    start({}, program),
  ]);
  await replica.connect().call("REPLICAOF", "127.0.0.1", primary.port);
  const client = primary.connect();
  // Online comes before it acknowledges anything.
  await eventually(async () => {
    await client.set("first", "1");
    expect(await client.wait(1, 100)).toBe(1);
  });
  await client.config("RESETSTAT");
  return [primary, replica];
}

interface LineOptions {
  readonly barrier?: Barrier;
  readonly timeoutMs?: number;
}

/** Each line has a connection of its own. */
function openLine(redis: TestRedis, { barrier = "replicated", timeoutMs = 300 }: LineOptions = {}) {
  const client = redis.connect({ maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false });
  return new BarrierLine({ client, barrier, replicas: 1, timeoutMs });
}

async function countCalls(redis: TestRedis, command: string): Promise<number> {
  const stats = await redis.connect().info("commandstats");
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

test("what was acknowledged is on the replica", async () => {
  const [primary, replica] = await startReplicated();
  const tag = randomTag();

  const reply = await openLine(primary).run(tag, createInstance, instance("a"));

  expect(reply[0]).toBe("created");
  expect(await replica.connect().exists(`${tag}:i:a`)).toBe(1);
});

test("without the replica nothing is acknowledged; repeated when it is back, it is", async () => {
  const [primary, replica] = await startReplicated();
  const tag = randomTag();
  const line = openLine(primary);
  replica.freeze();

  const first = line.run(tag, createInstance, instance("a"));
  await expect(first).rejects.toMatchObject(UNAVAILABLE);
  await expect(first).rejects.toThrow(
    "for: the write was not on 1 replica within 300 ms. Connect replicas that keep up, or lower",
  );
  replica.thaw();

  await eventually(async () => {
    expect((await line.run(tag, createInstance, instance("a")))[0]).toBe("created");
  });
});

test.each([undefined, NEWER_SERVER])(
  "a repeat that writes nothing, on a new connection, waits all the same (%s)",
  async (program) => {
    const [primary, replica] = await startReplicated(program);
    const tag = randomTag();
    await openLine(primary).run(tag, createInstance, instance("a"));
    replica.freeze();

    const repeat = openLine(primary).run(tag, createInstance, instance("a"));

    await expect(repeat).rejects.toMatchObject(UNAVAILABLE);
    // A newer server, asked for the connection's own writes, of which there are none, says that all is well.
    if (program) expect(await primary.connect().wait(1, 300)).toBe(1);
  },
);

test("writes that come while one waits share the next wait", async () => {
  const [primary] = await startReplicated();
  const tag = randomTag();
  const line = openLine(primary);

  const writes = Array.from({ length: 200 }, (_, i) =>
    line.run(tag, createInstance, instance(`${i}`)),
  );

  expect(new Set((await Promise.all(writes)).map(([type]) => type))).toEqual(new Set(["created"]));
  expect(await countCalls(primary, "wait")).toBeLessThanOrEqual(4);
});

test("a script that Redis does not know any more is sent again", async () => {
  const [primary] = await startReplicated();
  const tag = randomTag();
  const line = openLine(primary);
  await line.run(tag, readInstance, { id: "a" });
  await primary.connect().script("FLUSH");

  const reads = Array.from({ length: 20 }, () => line.run(tag, readInstance, { id: "a" }));

  expect(await Promise.all(reads)).toEqual(reads.map(() => ["missing"]));
});

test("a connection that breaks during the wait leaves the barrier unreached", async () => {
  const [primary, replica] = await startReplicated();
  const line = openLine(primary, { timeoutMs: 60_000 });
  replica.freeze();

  const write = line.run(randomTag(), createInstance, instance("a"));
  write.catch(() => undefined);
  const client = primary.connect();
  await eventually(async () => expect(await client.info("clients")).toContain("blocked_clients:1"));
  await client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");

  await expect(write).rejects.toMatchObject(UNAVAILABLE);
});

test("a replica that cannot wait is unavailable", async () => {
  const [, replica] = await startReplicated();

  const write = openLine(replica).run(randomTag(), createInstance, instance("a"));

  await expect(write).rejects.toMatchObject(UNAVAILABLE);
});

test("a line that was closed takes nothing", async () => {
  const line = openLine(await start());
  line.close();

  const write = line.run(randomTag(), createInstance, instance("a"));

  await expect(write).rejects.toMatchObject(UNAVAILABLE);
});

describe.skipIf(!NEWER_SERVER)(`on disk (${NEWER_SERVER_NOTE})`, () => {
  const AOF = { appendonly: "yes", appendfsync: "everysec" };

  test("what was acknowledged has been synced", async () => {
    const redis = await start(AOF, NEWER_SERVER);
    const line = openLine(redis, { barrier: "fsync", timeoutMs: 5_000 });
    const tag = randomTag();

    for (let i = 0; i < 3; i++) {
      expect((await line.run(tag, createInstance, instance(`${i}`)))[0]).toBe("created");
    }
    expect(await redis.connect().info("persistence")).toContain("aof_pending_bio_fsync:0");
  });

  test("where nothing is synced nothing is acknowledged, a repeat that writes nothing neither", async () => {
    const redis = await start({ ...AOF, appendfsync: "no" }, NEWER_SERVER);
    const tag = randomTag();

    for (let i = 0; i < 2; i++) {
      const line = openLine(redis, { barrier: "fsync" });
      const write = line.run(tag, createInstance, instance("a"));
      await expect(write).rejects.toThrow("not on the disk of the primary within 300 ms");
    }
    expect(await redis.connect().exists(`${tag}:i:a`)).toBe(1);
  });

  test("on disk and on a replica are waited for together", async () => {
    const [primary, replica] = await startReplicated(NEWER_SERVER);
    await primary.connect().config("SET", "appendonly", "yes");
    const line = openLine(primary, { barrier: "fsync+replicated", timeoutMs: 3_000 });
    const tag = randomTag();
    await line.run(tag, createInstance, instance("a"));
    replica.freeze();

    await expect(line.run(tag, createInstance, instance("b"))).rejects.toThrow("not on 1 replica ");
  });
});

test("a server without an append-only file cannot wait for the disk", async () => {
  const embedded = await startServer({ kind: "wasm" });
  onTestFinished(async () => await embedded.close());
  const client = new Redis(embedded.url, { maxRetriesPerRequest: 0 });
  const line = new BarrierLine({ client, barrier: "fsync", replicas: 1, timeoutMs: 300 });
  onTestFinished(() => line.close());

  const write = line.run(randomTag(), createInstance, instance("a"));

  await expect(write).rejects.toMatchObject(UNAVAILABLE);
  await expect(write).rejects.toThrow("appendonly is disabled");
});

test("a script that is too large is refused, and those beside it are not", async () => {
  const [primary] = await startReplicated();
  const client = primary.connect();
  const limits = { argumentLimit: () => 300 };
  const line = new BarrierLine({
    client,
    barrier: "replicated",
    replicas: 1,
    timeoutMs: 300,
    ...limits,
  });
  const tag = randomTag();

  const [large, small] = await Promise.allSettled([
    line.run(tag, createInstance, { ...instance("a"), params: "x".repeat(400) }),
    line.run(tag, createInstance, instance("b")),
  ]);

  expect(large).toMatchObject({ reason: { code: "store.write_too_large" } });
  expect(small).toMatchObject({ status: "fulfilled" });
});

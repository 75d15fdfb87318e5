import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { randomTag, startRedis } from "../../test/support/redis.ts";
import type { TestRedis } from "../../test/support/redis.ts";
import type { Script } from "./script.ts";
import { ScriptRunner } from "./script-runner.ts";
import {
  createInstance,
  expireInstances,
  pauseInstance,
  readInstance,
} from "./scripts.generated.ts";
import type { CreateInstanceArgs } from "./scripts.generated.ts";
import { toStoreError } from "./store-error.ts";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => await redis.stop());

const UNAVAILABLE = { name: "StoreUnavailableError", code: "store.unavailable" };

function instance(id: string, params = "1"): CreateInstanceArgs {
  return { id, params, priority: 1, delayMs: 0, successMs: 0, errorMs: 0, nonce: "" };
}

test("a script that Redis does not know is sent once, however many ask for it", async () => {
  const client = redis.connect();
  const runner = new ScriptRunner(client, randomTag());
  await client.script("FLUSH");
  await client.config("RESETSTAT");

  const runs = Array.from({ length: 50 }, () => runner.run(expireInstances, { limit: 1 }));

  expect(await Promise.all(runs)).toEqual(runs.map(() => ["expired", 0]));
  expect(await client.info("commandstats")).toContain("cmdstat_eval:calls=1,");
});

test("a restart of Redis, which forgets the scripts, is not noticed", async () => {
  const server = await startRedis();
  onTestFinished(async () => await server.stop());
  const runner = new ScriptRunner(server.connect(), randomTag());
  await runner.run(readInstance, { id: "a" });

  await server.restart();

  expect(await runner.run(readInstance, { id: "a" })).toEqual(["missing"]);
});

test("a Redis that cannot be reached is unavailable, and the cause is kept", async () => {
  const server = await startRedis();
  const client = server.connect({ maxRetriesPerRequest: 0 });
  await client.ping();
  await server.stop();

  const failure = new ScriptRunner(client, randomTag()).run(readInstance, { id: "a" });

  await expect(failure).rejects.toMatchObject(UNAVAILABLE);
  await expect(failure).rejects.toMatchObject({ cause: expect.any(Error) });
});

test("a Redis that answers too late is unavailable", async () => {
  const server = await startRedis();
  onTestFinished(async () => await server.stop());
  const client = server.connect({ commandTimeout: 300 });
  await client.ping();
  await server.connect().call("CLIENT", "PAUSE", "60000", "ALL");

  const failure = new ScriptRunner(client, randomTag()).run(readInstance, { id: "a" });

  await expect(failure).rejects.toMatchObject(UNAVAILABLE);
});

test("a Redis without memory is unavailable, and nothing is half written", async () => {
  const server = await startRedis({ maxmemory: "3mb", "maxmemory-policy": "noeviction" });
  onTestFinished(async () => await server.stop());
  const client = server.connect();
  const tag = randomTag();
  const runner = new ScriptRunner(client, tag);
  await runner.run(createInstance, instance("a"));
  await client.config("SET", "maxmemory", "1mb");

  await expect(runner.run(createInstance, instance("b"))).rejects.toMatchObject(UNAVAILABLE);
  await expect(runner.run(pauseInstance, { id: "a" })).resolves.toEqual(["done"]);

  expect(await client.exists(`${tag}:i:b`)).toBe(0);
  expect(await client.zrange(`${tag}:status:queued`, 0, "-1")).toEqual([]);
  expect(await client.zrange(`${tag}:status:paused`, 0, "-1")).toEqual(["a"]);
});

test("a replica, which cannot be written to, is unavailable", async () => {
  const server = await startRedis({ replicaof: `127.0.0.1 ${redis.port}` });
  onTestFinished(async () => await server.stop());
  const runner = new ScriptRunner(server.connect({ enableReadyCheck: false }), randomTag());

  await expect(runner.run(createInstance, instance("a"))).rejects.toMatchObject(UNAVAILABLE);
});

test("an instance that a newer version wrote is refused, and left as it is", async () => {
  const client = redis.connect();
  const tag = randomTag();
  const runner = new ScriptRunner(client, tag);
  await runner.run(createInstance, instance("a"));
  await client.hset(`${tag}:i:a`, "format", 2);

  const newer = { code: "store.newer_format", found: "2", supported: "1" };
  await expect(runner.run(pauseInstance, { id: "a" })).rejects.toMatchObject(newer);
  await expect(runner.run(readInstance, { id: "a" })).rejects.toMatchObject(newer);

  expect(await client.hget(`${tag}:i:a`, "status")).toBe("queued");
});

test("a mistake in a script or a call is no matter of Redis", () => {
  const inScript = Object.assign(new Error("ERR user_script:1: attempt to index a nil value"), {
    name: "ReplyError",
  });
  const inCall = new TypeError("x is not a function");

  expect(toStoreError(inScript)).toBe(inScript);
  expect(toStoreError(inCall)).toBe(inCall);
  expect(toStoreError("thrown")).toBe("thrown");
});

test.each([
  new RangeError("Maximum call stack size exceeded"),
  new RangeError("Invalid string length"),
  new SyntaxError("Unexpected token"),
  new Error("Connection in subscriber mode, only subscriber commands may be used"),
])("what is not known to be about Redis is left as it is: %s", (error) => {
  expect(toStoreError(error)).toBe(error);
});

test.each([
  Object.assign(new Error("Reached the max retries"), { name: "MaxRetriesPerRequestError" }),
  new Error("Connection is closed."),
  new Error("Command timed out"),
  new Error("Stream isn't writeable and enableOfflineQueue options is false"),
  new Error("Socket timeout. Expecting data, but didn't receive any in 1ms."),
  Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" }),
  Object.assign(new Error("write EPIPE"), { code: "EPIPE" }),
  Object.assign(new Error("Command aborted due to connection close"), { name: "AbortError" }),
  Object.assign(new Error("ERR max number of clients reached"), { name: "ReplyError" }),
  Object.assign(new Error("MASTERDOWN Link with MASTER is down"), { name: "ReplyError" }),
])("what is about the way to Redis is unavailability: %s", (error) => {
  expect(toStoreError(error)).toMatchObject({ ...UNAVAILABLE, cause: error });
});

test("answers that are large together come in several pieces, so that Redis serves others meanwhile", async () => {
  const server = await startRedis();
  onTestFinished(async () => await server.stop());
  const client = server.connect();
  const runner = new ScriptRunner(client, randomTag());
  const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
  for (const id of ids) await runner.run(createInstance, instance(id, id.repeat(600_000)));
  await client.config("RESETSTAT");

  const found = ids.map((id) => runner.gather(readInstance, { id }, (reply) => reply));

  const params = (await Promise.all(found)).map((reply) => reply[2]);
  expect(params).toEqual(ids.map((id) => id.repeat(600_000)));
  // Two of them are enough for an answer. The first call also brings the script.
  expect(await client.info("commandstats")).toContain("cmdstat_evalsha:calls=4,");
});

test("a call with hundreds of thousands of values arrives", async () => {
  const lua = "return cmsgpack.pack({{#cmsgpack.unpack(ARGV[1])[1][1]}})";
  const count: Script<number> = {
    name: "count",
    sha1: createHash("sha1").update(lua).digest("hex"),
    lua,
    encode: (length) => [Array.from({ length }, (_, index) => index)],
  };
  const runner = new ScriptRunner(redis.connect(), randomTag());

  expect(await runner.run(count, 300_000)).toEqual([300_000]);
  expect(await runner.run(count, 300_000)).toEqual([300_000]);
});

test("what is too large for a command by itself is refused, and what is only together goes in order", async () => {
  const client = redis.connect();
  const runner = new ScriptRunner(client, randomTag(), () => 1_000);
  const args = (id: string, length: number): CreateInstanceArgs => ({
    ...instance(id, "x".repeat(length)),
    nonce: String(Math.random()),
  });
  const create = async (id: string, length: number) =>
    await runner.gather(createInstance, args(id, length), ([type]) => type);

  const answers = await Promise.allSettled([
    create("a", 600),
    create("b", 1_200),
    create("a", 600),
    create("c", 600),
  ]);

  const refusal = { code: "store.write_too_large", limitBytes: 1_000 };
  expect(answers).toMatchObject([
    { value: "created" },
    { reason: refusal },
    { value: "exists" },
    { value: "created" },
  ]);
});

test("a refusal by a Redis that did not tell its limit is the same error", () => {
  const refusal = Object.assign(new Error("ERR Protocol error: invalid bulk length"), {
    name: "ReplyError",
  });

  expect(toStoreError(refusal)).toMatchObject({ code: "store.write_too_large" });
});

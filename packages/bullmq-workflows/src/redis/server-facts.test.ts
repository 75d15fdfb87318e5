import { mkdir, writeFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { NEWER_SERVER, NEWER_SERVER_NOTE } from "../../test/support/newer-server.ts";
import { startRedis } from "../../test/support/redis.ts";
import type { TestRedis } from "../../test/support/redis.ts";
import { parseServerFacts, readServerFacts } from "./server-facts.ts";

async function start(...parameters: Parameters<typeof startRedis>): Promise<TestRedis> {
  const redis = await startRedis(...parameters);
  onTestFinished(async () => await redis.stop());
  return redis;
}

test("a server tells how it keeps what it acknowledges", async () => {
  const redis = await start({
    appendonly: "yes",
    appendfsync: "always",
    save: "60 1",
    maxmemory: "100mb",
    "maxmemory-policy": "allkeys-lru",
    "min-replicas-to-write": "0",
  });

  expect(await readServerFacts(redis.connect())).toEqual([
    {
      address: `localhost:${redis.port}`,
      version: expect.stringMatching(/^(redis|valkey) \d+\.\d+\.\d+$/),
      role: "primary",
      isLoading: false,
      appends: true,
      fsync: "always",
      isAppendFailing: false,
      snapshots: "on",
      isSnapshotFailing: false,
      stopsOnSnapshotFailure: "yes",
      usedMemory: expect.any(Number),
      maxMemory: 104_857_600,
      evictionPolicy: "allkeys-lru",
      replicaCount: 0,
      minReplicasToWrite: 0,
      maxArgument: 536_870_912,
      knowsWaitAof: expect.any(Boolean),
    },
  ]);
});

test("what only CONFIG tells is unknown where it is forbidden, the rest is read", async () => {
  const redis = await start({ appendonly: "yes" });
  await redis
    .connect()
    .call("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all", "-config");
  const client = redis.connect({ username: "app", password: "secret" });

  expect(await readServerFacts(client)).toMatchObject([
    {
      appends: true,
      evictionPolicy: "noeviction",
      fsync: "unknown",
      snapshots: "unknown",
      stopsOnSnapshotFailure: "unknown",
      minReplicasToWrite: "unknown",
      maxArgument: "unknown",
    },
  ]);
});

test("a replica says that it is one, and its primary how many it has", async () => {
  const primary = await start();
  const replica = await start();
  await replica.connect().call("REPLICAOF", "127.0.0.1", primary.port);

  await eventually(async () => {
    expect(await readServerFacts(primary.connect())).toMatchObject([{ replicaCount: 1 }]);
  });
  expect(await readServerFacts(replica.connect())).toMatchObject([{ role: "replica" }]);
});

test("a snapshot that failed is noticed", async () => {
  const redis = await start({ save: "3600 1" });
  const client = redis.connect();
  // A folder where the file should be.
  await mkdir(`${redis.dir}/dump.rdb`);
  await writeFile(`${redis.dir}/dump.rdb/something`, "");
  await client.set("a", "1");
  await client.bgsave();

  await eventually(async () => {
    expect(await readServerFacts(client)).toMatchObject([{ isSnapshotFailing: true }]);
  });
});

test("a server that cannot be reached is unavailable", async () => {
  const redis = await start();
  const client = redis.connect({ maxRetriesPerRequest: 0 });
  await client.ping();
  await redis.stop();

  await expect(readServerFacts(client)).rejects.toMatchObject({ code: "store.unavailable" });
});

test("what is not counted against the limit is not counted", () => {
  const info = "used_memory:1000\r\nmem_not_counted_for_evict:300\r\nmaxmemory:2000\r\n";

  expect(parseServerFacts("a", info, undefined).usedMemory).toBe(700);
});

test.each([
  ["redis_version:6.2.14\r\n", "redis 6.2.14", false],
  ["redis_version:7.0.15\r\n", "redis 7.0.15", false],
  ["redis_version:7.2.0\r\n", "redis 7.2.0", true],
  ["redis_version:8.0.1\r\n", "redis 8.0.1", true],
  ["redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.1.1\r\n", "valkey 9.1.1", true],
])("%j is %s", (info, version, knowsWaitAof) => {
  expect(parseServerFacts("a", info, undefined)).toMatchObject({ version, knowsWaitAof });
});

test("a server that is loading, and one whose disk is full, say so", () => {
  const info = "loading:1\r\naof_enabled:1\r\naof_last_write_status:err\r\n";

  expect(parseServerFacts("a", info, undefined)).toMatchObject({
    isLoading: true,
    appends: true,
    isAppendFailing: true,
  });
});

test.skipIf(!NEWER_SERVER)(`a newer server knows WAITAOF (${NEWER_SERVER_NOTE})`, async () => {
  const redis = await start({}, NEWER_SERVER);

  expect(await readServerFacts(redis.connect())).toMatchObject([{ knowsWaitAof: true }]);
});

import {
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Queue, Worker } from "bullmq";
import { describe, expect, test } from "vitest";
import { connect, createFolder, eventually, start } from "./support.ts";

const snapshotOf = (dataDir: string): string => join(dataDir, "wasm", "dump.rdb");

describe("snapshots of the WebAssembly server", () => {
  test("an orderly stop loses nothing: types, lifetimes and bytes are as before", async () => {
    const dataDir = createFolder();
    const first = await start({ kind: "wasm", dataDir });
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    const before = connect(first);
    await before.set(bytes, bytes);
    await before.set("short-lived", "1", "PX", 60_000);
    await before.hset("hash", { a: "1", b: "ü" });
    await before.zadd("sorted", 1.5, "x");
    await before.xadd("stream", "1-1", "field", "value");
    await first.close();

    const after = connect(await start({ kind: "wasm", dataDir }));

    expect(await after.getBuffer(bytes)).toEqual(bytes);
    expect(await after.pttl("short-lived")).toBeGreaterThan(30_000);
    expect(await after.pttl("short-lived")).toBeLessThanOrEqual(60_000);
    expect(await after.hgetall("hash")).toEqual({ a: "1", b: "ü" });
    expect(await after.zscore("sorted", "x")).toBe("1.5");
    expect(await after.xrange("stream", "-", "+")).toEqual([["1-1", ["field", "value"]]]);
  });

  test("a crash goes back to the last snapshot, on the same port", async () => {
    const dataDir = createFolder();
    const first = await start({ kind: "wasm", dataDir, snapshotEveryMs: 50 });
    await connect(first).set("kept", "yes");
    await eventually(() => holds(snapshotOf(dataDir), "kept"));
    first.kill();

    const port = Number(new URL(first.url).port);
    const second = await start({ kind: "wasm", dataDir, port });

    expect(second.url).toBe(first.url);
    expect(await connect(second).get("kept")).toBe("yes");
  });

  test("a client's SHUTDOWN loses nothing either", async () => {
    const dataDir = createFolder();
    const first = await start({ kind: "wasm", dataDir });
    const client = connect(first);
    await client.set("kept", "yes");
    client.shutdown().catch(() => {});

    expect(await first.exited).toEqual({ exitCode: 0, signal: null });
    expect(await connect(await start({ kind: "wasm", dataDir })).get("kept")).toBe("yes");
  });

  test("a state of 100,000 keys is loaded again", async () => {
    const dataDir = createFolder();
    const first = await start({ kind: "wasm", dataDir });
    const pipeline = connect(first).pipeline();
    for (let i = 0; i < 100_000; i++) {
      pipeline.hset(`instance:{${i}}`, {
        status: "complete",
        params: "x".repeat(300),
        result: "{}",
      });
    }
    await pipeline.exec();
    await first.close();

    const second = connect(await start({ kind: "wasm", dataDir }));

    expect(await second.dbsize()).toBe(100_000);
    expect(await second.hget("instance:{99999}", "status")).toBe("complete");
  });

  test("writes nothing while nothing changes", async () => {
    const dataDir = createFolder();
    const server = await start({ kind: "wasm", dataDir, snapshotEveryMs: 50 });
    const client = connect(server);
    await client.set("a", "1");
    const first = await eventually(() => inodeOf(snapshotOf(dataDir)));

    const lookups = await client.info("persistence");
    await client.blpop("nothing", 0.3);

    expect(lookups).toContain("rdb_changes_since_last_save:0");
    expect(inodeOf(snapshotOf(dataDir))).toBe(first);
  });

  test("a whole BullMQ queue goes on where it was", async () => {
    const dataDir = createFolder();
    const first = await start({ kind: "wasm", dataDir });
    const queue = new Queue("orders", { connection: { url: first.url } });
    await queue.addBulk(Array.from({ length: 100 }, (_, n) => ({ name: "order", data: { n } })));
    await queue.add("later", { n: 100 }, { delay: 200 });
    await queue.add("first", { n: 101 }, { priority: 1 });
    await queue.close();
    await first.close();

    const second = await start({ kind: "wasm", dataDir });

    expect(await runAll(second.url, 102)).toEqual(Array.from({ length: 102 }, (_, n) => n));
  });

  test("an unreadable snapshot is refused, untouched, and the readable one is named", async () => {
    const dataDir = createFolder();
    const first = await start({ kind: "wasm", dataDir });
    await connect(first).set("a", "1");
    await first.close();
    await (await start({ kind: "wasm", dataDir })).close();
    const snapshot = snapshotOf(dataDir);
    truncateSync(snapshot, statSync(snapshot).size - 10);

    const refused = start({ kind: "wasm", dataDir });

    await expect(refused).rejects.toMatchObject({ code: "server.snapshot_unreadable" });
    await expect(refused).rejects.toThrow(`${dataDir}/wasm/dump.at-last-start.rdb`);
    renameSync(join(dataDir, "wasm", "dump.at-last-start.rdb"), snapshot);
    expect(await connect(await start({ kind: "wasm", dataDir })).get("a")).toBe("1");
  });

  test.each([
    ["empty", ""],
    ["something else", "not a snapshot"],
  ])("a snapshot that is %s is refused", async (_, content) => {
    const dataDir = createFolder();
    mkdirSync(join(dataDir, "wasm"));
    writeFileSync(snapshotOf(dataDir), content);

    const refused = start({ kind: "wasm", dataDir });

    await expect(refused).rejects.toMatchObject({ code: "server.snapshot_unreadable" });
    expect(readFileSync(snapshotOf(dataDir), "utf8")).toBe(content);
  });

  test("saving in the background, which it cannot, is refused and changes nothing", async () => {
    const client = connect(await start({ kind: "wasm", dataDir: createFolder() }));

    await expect(client.bgsave()).rejects.toThrow("ERR");

    expect(await client.set("a", "1")).toBe("OK");
  });

  test("a snapshot that cannot be written is reported once, and closing says so too", async () => {
    const dataDir = createFolder();
    const warnings: string[] = [];
    const onWarning = (message: string): number => warnings.push(message);
    const server = await start({ kind: "wasm", dataDir, snapshotEveryMs: 50, onWarning });
    // A folder in the place of the snapshot cannot be replaced by a file.
    mkdirSync(join(snapshotOf(dataDir), "in-the-way"), { recursive: true });

    await connect(server).set("a", "1");
    await eventually(() => warnings.length > 0);

    await expect(server.close()).rejects.toMatchObject({ code: "server.stop_failed" });
    expect(warnings).toHaveLength(1);
  });
});

function holds(path: string, text: string): boolean {
  try {
    return readFileSync(path).includes(text);
  } catch {
    return false;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** Lets a worker finish `count` jobs and returns the numbers they carried, sorted. */
async function runAll(url: string, count: number): Promise<number[]> {
  const numbers: number[] = [];
  const worker = new Worker("orders", (job) => Promise.resolve(numbers.push(job.data.n)), {
    connection: { url, maxRetriesPerRequest: null },
    concurrency: 10,
  });
  await eventually(() => numbers.length === count);
  await worker.close();
  return numbers.toSorted((a, b) => a - b);
}

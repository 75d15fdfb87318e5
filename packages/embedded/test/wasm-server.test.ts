import { connect as connectTcp } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { connect, start } from "./support.ts";

describe("the WebAssembly server", () => {
  test("answers a lone command in half a millisecond", async () => {
    const client = connect(await start({ kind: "wasm" }));

    // The best of several rounds: a busy machine may spoil some.
    const medians: number[] = [];
    for (let round = 0; round < 5; round++) {
      medians.push(await medianMs(400, () => client.get("nothing")));
    }

    expect(Math.min(...medians)).toBeLessThan(0.5);
  });

  test("answers a pipeline of 10,000 commands in order", async () => {
    const client = connect(await start({ kind: "wasm" }));
    const pipeline = client.pipeline();
    for (let i = 0; i < 10_000; i++) pipeline.incr("counter");

    const replies = await pipeline.exec();

    expect(replies?.map(([, value]) => value)).toEqual(
      Array.from({ length: 10_000 }, (_, i) => i + 1),
    );
  });

  test("survives 20,000 clients that come and go, politely or not", async () => {
    const server = await start({ kind: "wasm" });
    const port = Number(new URL(server.url).port);

    for (let visited = 0; visited < 20_000; visited += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, i) => visit(port, i % 2 === 0)));
    }

    const clients = await connect(server).info("clients");
    expect(clients).toMatch(/connected_clients:[1-9]\d?\r/);
  });

  test("holds 3,000 clients at once", async () => {
    const server = await start({ kind: "wasm" });
    const port = Number(new URL(server.url).port);
    const sockets = Array.from({ length: 3_000 }, () => connectTcp(port, "127.0.0.1"));

    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    for (const socket of sockets) socket.write("PING\r\n");
    const replies = await Promise.all(sockets.map((socket) => once(socket, "data")));

    expect(new Set(replies.map(String))).toEqual(new Set(["+PONG\r\n"]));
    for (const socket of sockets) socket.destroy();
  });

  test("wakes clients blocked on a list or a sorted set at once", async () => {
    const server = await start({ kind: "wasm" });
    const [waiting, pushing] = [connect(server), connect(server)];

    const popped = waiting.blpop("list", 0);
    await pushing.rpush("list", "a");
    const poppedMin = popped.then(() => waiting.bzpopmin("set", 0));
    await popped;
    await pushing.zadd("set", 1, "b");

    expect(await popped).toEqual(["list", "a"]);
    expect(await poppedMin).toEqual(["set", "b", "1"]);
  });

  test("lets a blocked client go when its time is up, though nobody speaks", async () => {
    const client = connect(await start({ kind: "wasm" }));
    await client.ping();

    const startedAt = performance.now();
    const reply = await client.blpop("never", 0.2);

    expect(reply).toBeNull();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(190);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test("expires keys while nobody speaks", async () => {
    const server = await start({ kind: "wasm" });
    const [client, subscriber] = [connect(server), connect(server)];
    await client.config("SET", "notify-keyspace-events", "Ex");
    await subscriber.subscribe("__keyevent@0__:expired");

    await client.set("short", "1", "PX", 50);
    const [, key] = await once(subscriber, "message");

    expect(key).toBe("short");
  });

  test("delivers published messages", async () => {
    const server = await start({ kind: "wasm" });
    const [subscriber, publisher] = [connect(server), connect(server)];
    await subscriber.subscribe("news");

    const message = once(subscriber, "message");
    const receivers = await publisher.publish("news", "hello");

    expect(receivers).toBe(1);
    expect(await message).toEqual(["news", "hello"]);
  });

  test("runs Lua scripts, which see a clock that moves", async () => {
    const client = connect(await start({ kind: "wasm" }));
    const script = "local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000)";

    const before = Date.now();
    const seen = Number(await client.eval(script, 0));

    expect(seen).toBeGreaterThanOrEqual(before - 20);
    expect(seen).toBeLessThanOrEqual(Date.now() + 20);
    await expect(client.eval("error('no')", 0)).rejects.toThrow("no");
    await expect(client.eval("return redis.pcall('nonsense').err", 0)).resolves.toMatch("ERR");
  });

  test("carries binary values of many megabytes both ways", async () => {
    const client = connect(await start({ kind: "wasm" }));
    const value = Buffer.from(Uint8Array.from({ length: 20 * 1024 * 1024 }, (_, i) => i % 251));

    await client.set("big", value);
    const received = await client.getBuffer("big");

    expect(received?.equals(value)).toBe(true);
  });

  test("serves others while one client does not read its replies", async () => {
    const server = await start({ kind: "wasm" });
    const client = connect(server);
    await client.set("big", Buffer.alloc(1024 * 1024));
    const deaf = connectTcp(Number(new URL(server.url).port), "127.0.0.1").pause();
    deaf.write("GET big\r\n".repeat(100));

    const reply = await client.ping();

    expect(reply).toBe("PONG");
    expect(await countBytes(deaf, 100)).toBe(100 * (1024 * 1024 + "$1048576\r\n\r\n".length));
  });
});

async function medianMs(count: number, run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    await run();
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((a, b) => a - b)[count / 2] ?? Infinity;
}

async function visit(port: number, isPolite: boolean): Promise<void> {
  const socket = connectTcp(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("PING\r\n");
  const [reply] = await once(socket, "data");
  expect(String(reply)).toBe("+PONG\r\n");
  if (isPolite) socket.end();
  else socket.resetAndDestroy();
  await once(socket, "close");
}

async function countBytes(socket: ReturnType<typeof connectTcp>, replies: number): Promise<number> {
  const expected = replies * (1024 * 1024 + "$1048576\r\n\r\n".length);
  let received = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received += chunk.length;
    if (received >= expected) break;
  }
  return received;
}

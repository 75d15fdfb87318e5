import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { once } from "node:events";
import { delimiter, join } from "node:path";
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  ensureNativeServer,
  explainNativeInstall,
  findNativeServer,
  startServer,
} from "../src/index.ts";
import { connect, createFolder, start } from "./support.ts";

const systemPath = process.env["PATH"] ?? "";

beforeAll(() => ensureNativeServer(), 600_000);
afterEach(() => {
  process.env["PATH"] = systemPath;
});

describe("startServer", () => {
  test("uses the URL it is given and starts nothing", async () => {
    const yours = await start({ kind: "wasm" });

    const found = await startServer({ url: yours.url, kind: "native" });

    expect(found.kind).toBe("external");
    expect(found.pid).toBeUndefined();
    expect(found.description).toBe(
      `${yours.url} (yours, Valkey 9.1.1): durability is as configured there`,
    );
    expect(() => found.kill()).toThrow(expect.objectContaining({ code: "server.not_ours" }));
    await found.close();
    expect(await connect(yours).ping()).toBe("PONG");
  });

  test("says so when nobody answers at the URL, without its password", async () => {
    const port = await closedPort();

    const refused = startServer({
      url: `redis://:secret@127.0.0.1:${port}/2?sentinelPassword=secret`,
    });

    await expect(refused).rejects.toMatchObject({ code: "server.unreachable" });
    await expect(refused).rejects.toThrow(
      `redis://:***@127.0.0.1:${port}/2?sentinelPassword=***: connect ECONNREFUSED`,
    );
  });

  test("says so when something else answers at the URL", async () => {
    const port = await listen(
      createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );

    const refused = startServer({ url: `redis://127.0.0.1:${port}` });

    await expect(refused).rejects.toThrow(/not a Redis reply: "TTP\/1.1 400 Bad Request"/);
  });

  test("authenticates as the URL says, and reports a wrong password", async () => {
    const server = await start({ kind: "wasm" });
    await connect(server).config("SET", "requirepass", "p@ss");
    const { host } = new URL(server.url);

    const found = await startServer({ url: `redis://:p%40ss@${host}` });

    expect(found.description).not.toContain("p%40ss");
    await expect(startServer({ url: `redis://:wrong@${host}` })).rejects.toThrow(/WRONGPASS/);
    await expect(startServer({ url: server.url })).rejects.toThrow(/NOAUTH/);
  });

  test("prefers a native server on the PATH, else takes WebAssembly", async () => {
    const native = await start({});
    process.env["PATH"] = createFolder();
    const wasm = await start({});

    expect([native.kind, wasm.kind]).toEqual(["native", "wasm"]);
  });

  test("an empty URL counts as none, as an unset variable should", async () => {
    const server = await start({ url: "", kind: "wasm" });

    expect(server.kind).toBe("wasm");
  });

  test("stays with the kind whose data a folder holds", async () => {
    const dataDir = createFolder();
    const first = await start({ kind: "wasm", dataDir });
    await connect(first).set("a", "1");
    await first.close();

    const second = await start({ dataDir });

    expect(second.kind).toBe("wasm");
    expect(await connect(second).get("a")).toBe("1");
  });

  test("does not hide a native server's data when that server is gone", async () => {
    const dataDir = createFolder();
    mkdirSync(join(dataDir, "native", "appendonlydir"), { recursive: true });
    process.env["PATH"] = createFolder();

    const refused = startServer({ dataDir });

    await expect(refused).rejects.toMatchObject({ code: "server.data_of_other_kind" });
  });

  test("tells how to install a native server when there is none", async () => {
    process.env["PATH"] = createFolder();

    const refused = startServer({ kind: "native" });

    await expect(refused).rejects.toMatchObject({ code: "server.not_installed" });
    await expect(refused).rejects.toThrow(explainNativeInstall());
  });

  test.each([
    [{ url: "http://127.0.0.1" }, "Expected `url` to look like redis://host:port"],
    [{ port: 70_000 }, "Expected `port` to be an integer from 0 to 65535, got `70000`"],
    [
      { kind: "docker" as "wasm" },
      'Expected `kind` to be one of auto, native, wasm, got `"docker"`',
    ],
    [{ snapshotEveryMs: 1 }, "Expected `snapshotEveryMs` to be a number ≥ 50, got `1`"],
  ])("refuses %j", async (options, message) => {
    const refused = startServer(options);

    await expect(refused).rejects.toMatchObject({ code: "server.invalid_option" });
    await expect(refused).rejects.toThrow(message);
  });
});

describe("findNativeServer", () => {
  test("takes redis-server before valkey-server, and neither if older than 6.2", async () => {
    const [old, valkey, redis] = [createFolder(), createFolder(), createFolder()];
    writeProgram(join(old, "redis-server"), "Redis server v=6.0.16 sha=0");
    writeProgram(join(valkey, "valkey-server"), "Valkey server v=8.1.1 sha=0");
    writeProgram(join(redis, "redis-server"), "Redis server v=7.2.4 sha=0");

    process.env["PATH"] = [old, valkey].join(delimiter);
    const onlyValkey = await findNativeServer();
    process.env["PATH"] = [old, valkey, redis].join(delimiter);
    const both = await findNativeServer();

    expect(onlyValkey).toEqual({
      path: join(valkey, "valkey-server"),
      name: "valkey-server",
      version: "8.1.1",
    });
    expect(both).toEqual({
      path: join(redis, "redis-server"),
      name: "redis-server",
      version: "7.2.4",
    });
  });
});

function writeProgram(path: string, output: string): void {
  writeFileSync(path, `#!/bin/sh\necho "${output}"\n`);
  chmodSync(path, 0o755);
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

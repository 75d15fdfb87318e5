import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ensureNativeServer } from "../src/index.ts";
import { connect, createFolder, start } from "./support.ts";

beforeAll(() => ensureNativeServer(), 600_000);

describe("a native server", () => {
  test("keeps what it acknowledged when it is killed and started again", async () => {
    const dataDir = createFolder();
    const extraArgs = ["--appendfsync", "always"];
    const first = await start({ kind: "native", dataDir, extraArgs });
    await connect(first).set("kept", "yes");
    first.kill();

    const port = Number(new URL(first.url).port);
    const second = await start({ kind: "native", dataDir, extraArgs, port });

    expect(second.url).toBe(first.url);
    expect(await first.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
    expect(await connect(second).get("kept")).toBe("yes");
  });

  test("never evicts, and says how durable it is", async () => {
    const dataDir = createFolder();
    const server = await start({ kind: "native", dataDir });

    expect(server.description).toMatch(
      /^(redis|valkey)-server [\d.]+ on 127\.0\.0\.1:\d+, append-only/,
    );
    expect(server.description).toContain(`synced every second in ${join(dataDir, "native")}`);
    expect(await connect(server).config("GET", "maxmemory-policy")).toContain("noeviction");
  });

  test("describes what its further arguments have made of it", async () => {
    const always = await start({ kind: "native", extraArgs: ["--appendfsync", "always"] });
    const never = await start({ kind: "native", extraArgs: ["--appendonly", "no"] });

    expect(always.description).toContain("a crash loses nothing acknowledged");
    expect(never.description).toContain("a crash can lose everything");
  });

  test("leaves no temporary folder behind", async () => {
    const server = await start({ kind: "native" });
    const [, folder = ""] = await connect(server).config("GET", "dir");
    await server.close();

    expect(folder.startsWith(tmpdir())).toBe(true);
    expect(existsSync(folder)).toBe(false);
  });

  test("explains a failed start with the server's own words", async () => {
    const dataDir = createFolder();

    const failed = start({ kind: "native", dataDir, extraArgs: ["--no-such-option", "1"] });

    await expect(failed).rejects.toMatchObject({ code: "server.start_failed" });
    await expect(failed).rejects.toThrow(/no-such-option/);
    expect(readdirSync(join(dataDir, "native"))).not.toContain("server.lock");
  });

  test("a port that is taken is an error, not somebody else's server", async () => {
    const other = await start({ kind: "native" });

    const failed = start({ kind: "native", port: Number(new URL(other.url).port) });

    await expect(failed).rejects.toMatchObject({ code: "server.start_failed" });
    await expect(failed).rejects.toThrow(/address already in use/i);
  });
});

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { ensureNativeServer } from "../src/index.ts";
import { connect, createFolder, start } from "./support.ts";

const abandon = fileURLToPath(new URL("./fixtures/abandon.ts", import.meta.url));

beforeAll(() => ensureNativeServer(), 600_000);

describe.each(["wasm", "native"] as const)("a %s server", (kind) => {
  test.each(["by itself", "killed"])(
    "goes when its parent ends %s, and has saved everything",
    async (end) => {
      const dataDir = createFolder();
      await runNode(abandon, kind, dataDir, end);

      // Waits for the abandoned server to leave the folder, which it does when it is gone.
      const next = await start({ kind, dataDir });

      expect(await connect(next).get("kept")).toBe("yes");
    },
  );

  test("closes promptly, and as often as asked", async () => {
    const server = await start({ kind });
    await connect(server).set("a", "1");

    const startedAt = performance.now();
    await Promise.all([server.close(), server.close(), server.close()]);

    expect(await server.exited).toEqual({ exitCode: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await server.close();
  });

  test("is closed by `await using`", async () => {
    let exited: Promise<unknown>;
    {
      await using server = await start({ kind });
      exited = server.exited;
    }

    expect(await exited).toEqual({ exitCode: 0, signal: null });
  });

  test("that is killed tells by `exited`, and starts again on its port", async () => {
    const first = await start({ kind });
    first.kill();
    const port = Number(new URL(first.url).port);

    expect(await first.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
    expect((await start({ kind, port })).url).toBe(first.url);
  });
});

/** Resolves however the program ends. */
async function runNode(...args: string[]): Promise<void> {
  const flags = ["--conditions=@bullmq-workflows/source", "--import", "tsx"];
  await promisify(execFile)(process.execPath, [...flags, ...args]).catch((error: Error) => {
    if (!("signal" in error) || error.signal !== "SIGKILL") throw error;
  });
}

/** What the tests share: servers, clients and folders that are gone when the test is over. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type EmbeddedServer, startServer, type StartServerOptions } from "../src/index.ts";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";

const POLL_MS = 10;
const PATIENCE_MS = 15_000;

export function createFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "embedded-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A server that is killed with the test, unless the test has closed it. */
export async function start(options: StartServerOptions): Promise<EmbeddedServer> {
  const server = await startServer(options);
  onTestFinished(async () => {
    if (server.kind === "external") return;
    server.kill();
    await server.exited;
  });
  return server;
}

export function connect(server: EmbeddedServer): Redis {
  const client = new Redis(server.url, { maxRetriesPerRequest: null });
  // A client outlives its server in some tests, and would complain.
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

/** Polls until `probe` returns something other than false or undefined, and returns that. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await probe();
    if (found !== false && found !== undefined) return found as Exclude<T, false | undefined>;
    if (Date.now() > deadline)
      throw new Error(`Still not so after ${PATIENCE_MS} ms: ${probe.toString()}`);
    await delay(POLL_MS);
  }
}

/** A file in a temporary folder. Who uses it does so within its own process, which pays for it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "./store.ts";

export async function startSqlite(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), "bench-sqlite-"));
  return {
    address: { url: join(folder, "bench.sqlite") },
    description: "SQLite, in the worker's and the client's own process",
    pids: [],
    readMeters: async () => await Promise.resolve(undefined),
    stop: async () => await rm(folder, { recursive: true, force: true }),
  };
}

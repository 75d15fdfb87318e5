import { startServer } from "@bullmq-workflows/embedded";
import type { Terminal } from "../terminal.ts";
import { bench } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import type { BenchOptions } from "./plan.ts";

/** On the Redis that is named, or on one that is started for it. */
export async function benchOn(
  redisUrl: string | undefined,
  options: Omit<BenchOptions, "redisUrl">,
  terminal: Terminal,
): Promise<BenchResult> {
  const server = await startServer({ url: redisUrl, onWarning: (line) => terminal.warn(line) });
  try {
    terminal.warn(`On ${server.description}`);
    return await bench({ ...options, redisUrl: server.url }, (what) => terminal.progress(what));
  } finally {
    await server.close();
  }
}

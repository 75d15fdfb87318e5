/** A Redis of an engine's own: an append-only file in a temporary folder, on a free port. */
import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { Redis } from "ioredis";
import { DEFAULT_REDIS } from "./store.ts";
import type { RedisMeters, RedisSettings, Store } from "./store.ts";

export async function startRedis(settings: RedisSettings = DEFAULT_REDIS): Promise<Store> {
  const server = await startServer({ extraArgs: toArgs(settings) });
  const meter = new Redis(server.url);
  return {
    address: { url: server.url },
    description: await describe(server, meter),
    pids: server.pid === undefined ? [] : [server.pid],
    readMeters: async () => await readMeters(meter),
    async stop() {
      meter.disconnect();
      // Its data goes with it, so it need not write it down.
      server.kill();
      await server.exited;
    },
  };
}

async function describe({ kind, description }: EmbeddedServer, client: Redis): Promise<string> {
  // Whatever else there is has no such settings, and says itself what it promises.
  if (kind !== "native") return description;
  const setting = async (name: string): Promise<string> => {
    const pair: unknown = await client.config("GET", name);
    return Array.isArray(pair) ? pair.join(" ") : name;
  };
  const [name] = description.split(" on ");
  const settings = ["appendonly", "appendfsync", "maxmemory-policy"];
  return [name, ...(await Promise.all(settings.map(setting)))].join(", ");
}

/** Rewriting the append-only file in the middle of a measurement would be charged to whoever is measured. */
export function toArgs({ appendfsync }: RedisSettings): string[] {
  return ["--appendfsync", appendfsync, "--auto-aof-rewrite-percentage", "0"];
}

export async function readMeters(client: Redis): Promise<RedisMeters> {
  const info = parseInfo(`${await client.info("stats")}\n${await client.info("memory")}`);
  const byCommand = parseCommandStats(await client.info("commandstats"));
  const scripts = ["eval", "evalsha", "eval_ro", "evalsha_ro", "fcall"]
    .map((command) => byCommand[command]?.calls ?? 0)
    .reduce((sum, calls) => sum + calls, 0);
  return {
    commands: info("total_commands_processed"),
    scripts,
    bytesIn: info("total_net_input_bytes"),
    bytesOut: info("total_net_output_bytes"),
    memoryBytes: info("used_memory"),
    byCommand,
  };
}

function parseInfo(text: string): (field: string) => number {
  return (field) => Number(new RegExp(`^${field}:([\\d.]+)`, "m").exec(text)?.[1] ?? 0);
}

function parseCommandStats(text: string): RedisMeters["byCommand"] {
  const line = /^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm;
  const stats = [...text.matchAll(line)].map(([, name = "", calls, us]) => {
    return [name, { calls: Number(calls), us: Number(us) }] as const;
  });
  return Object.fromEntries(stats);
}

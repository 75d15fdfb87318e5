/** A Redis Cluster on this machine: primaries alone, which share the slots evenly. */
import { setTimeout as delay } from "node:timers/promises";
import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { Redis } from "ioredis";
import { readMeters, toArgs } from "./redis.ts";
import { DEFAULT_REDIS } from "./store.ts";
import type { RedisMeters, Store } from "./store.ts";

const SLOTS = 16_384;
const READY_POLL_MS = 50;
const READY_WITHIN_MS = 20_000;
/** How many nodes workflows are spread over where there are that many. */
const SPREAD = 3;

export async function startRedisCluster(nodes: number): Promise<Store> {
  const extraArgs = [...toArgs(DEFAULT_REDIS), "--cluster-enabled", "yes"];
  const servers: EmbeddedServer[] = [];
  for (let i = 0; i < nodes; i++) servers.push(await startServer({ kind: "native", extraArgs }));
  const ports = servers.map(({ url }) => Number(new URL(url).port));
  const meters = servers.map(({ url }) => new Redis(url));
  await join(meters, ports);
  return {
    address: { url: servers[0]?.url ?? "", clusterPorts: ports },
    description: `Redis Cluster of ${nodes}`,
    pids: servers.map(({ pid }) => pid).filter((pid) => pid !== undefined),
    readMeters: async () => (await Promise.all(meters.map(readMeters))).reduce(add),
    async stop() {
      for (const meter of meters) meter.disconnect();
      for (const server of servers) {
        server.kill();
        await server.exited;
      }
    },
  };
}

async function join(nodes: readonly Redis[], ports: readonly number[]): Promise<void> {
  for (const [i, node] of nodes.entries()) {
    await node.cluster("ADDSLOTSRANGE", ...rangeOf(i, nodes.length));
    await node.cluster("MEET", "127.0.0.1", ports[0] ?? 0);
  }
  const deadline = Date.now() + READY_WITHIN_MS;
  for (const node of nodes) {
    for (;;) {
      const info = String(await node.cluster("INFO"));
      const isWhole = info.includes(`cluster_known_nodes:${nodes.length}`);
      if (isWhole && info.includes("cluster_state:ok")) break;
      if (Date.now() > deadline) throw new Error(`The cluster did not come together:\n${info}`);
      await delay(READY_POLL_MS);
    }
  }
}

function rangeOf(i: number, parts: number): [number, number] {
  return [Math.ceil((i * SLOTS) / parts), Math.ceil(((i + 1) * SLOTS) / parts) - 1];
}

/** Names of workflows whose keys lie in a third of the slots each, so on a node each where there are three. */
export async function findSpreadNames(port: number): Promise<readonly string[]> {
  const client = new Redis({ port, host: "127.0.0.1" });
  const names: string[] = [];
  for (let n = 0; names.length < SPREAD; n++) {
    const slot = Number(await client.cluster("KEYSLOT", `{bw:bench-${n}:0}`));
    const [from, to] = rangeOf(names.length, SPREAD);
    if (slot >= from && slot <= to) names.push(`bench-${n}`);
  }
  client.disconnect();
  return names;
}

function add(a: RedisMeters, b: RedisMeters): RedisMeters {
  const names = new Set([...Object.keys(a.byCommand), ...Object.keys(b.byCommand)]);
  const byCommand = [...names].map((name) => {
    const [one, other] = [a.byCommand[name], b.byCommand[name]];
    const sum = {
      calls: (one?.calls ?? 0) + (other?.calls ?? 0),
      us: (one?.us ?? 0) + (other?.us ?? 0),
    };
    return [name, sum] as const;
  });
  return {
    commands: a.commands + b.commands,
    scripts: a.scripts + b.scripts,
    bytesIn: a.bytesIn + b.bytesIn,
    bytesOut: a.bytesOut + b.bytesOut,
    memoryBytes: a.memoryBytes + b.memoryBytes,
    byCommand: Object.fromEntries(byCommand),
  };
}

/** Two nodes of a cluster. The slot of a workflow can be moved between them, as slowly as one likes. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../../support/redis.ts";
import { RedisNode } from "./redis-node.ts";
import type { Setup, SlotMove } from "./setup.ts";

const CONFIG = {
  appendonly: "yes",
  appendfsync: "everysec",
  "maxmemory-policy": "noeviction",
  "cluster-enabled": "yes",
  "cluster-announce-ip": "127.0.0.1",
  "cluster-node-timeout": "2000",
} as const;

const LAST_SLOT = 16_383;
const HALF = 8_191;
const MIGRATE_TIMEOUT_MS = 5_000;

export async function startCluster(folder: string): Promise<Setup> {
  const [first, second] = await Promise.all([
    startNode(join(folder, "first")),
    startNode(join(folder, "second")),
  ]);
  const nodes = [first, second];
  await first.client.cluster("ADDSLOTSRANGE", 0, HALF);
  await second.client.cluster("ADDSLOTSRANGE", HALF + 1, LAST_SLOT);
  await second.client.call("CLUSTER", "SET-CONFIG-EPOCH", 2);
  await first.client.call("CLUSTER", "MEET", "127.0.0.1", first.port, await busPort(first));
  await second.client.call("CLUSTER", "MEET", "127.0.0.1", first.port, await busPort(first));
  for (const node of nodes) await untilWhole(node);

  const ownerOf = async (slot: number): Promise<RedisNode> => {
    for (const node of nodes) if (await owns(node, slot)) return node;
    throw new Error(`No node has slot ${slot}`);
  };
  return {
    name: "cluster",
    proxies: [],
    nodes,
    way: () => ({ kind: "cluster", ports: nodes.map(({ port }) => port) }),
    dataNode: async (tag) => await ownerOf(await slotOf(first, tag)),
    cluster: {
      async beginMove(tag) {
        const slot = await slotOf(first, tag);
        const source = await ownerOf(slot);
        const target = source === first ? second : first;
        return await beginMove(slot, source, target);
      },
    },
    async stop() {
      for (const node of nodes) await node.stop();
    },
  };
}

async function startNode(folder: string): Promise<RedisNode> {
  const bus = await findFreePort();
  return await RedisNode.start({ folder, config: { ...CONFIG, "cluster-port": String(bus) } });
}

async function beginMove(slot: number, source: RedisNode, target: RedisNode): Promise<SlotMove> {
  const sourceId = await idOf(source);
  const targetId = await idOf(target);
  await target.client.cluster("SETSLOT", slot, "IMPORTING", sourceId);
  await source.client.cluster("SETSLOT", slot, "MIGRATING", targetId);
  const moveKeys = async (count: number): Promise<number> => {
    const keys = await source.client.cluster("GETKEYSINSLOT", slot, count);
    if (keys.length === 0) return 0;
    const where = ["127.0.0.1", target.port, "", 0, MIGRATE_TIMEOUT_MS];
    await source.client.call("MIGRATE", ...where, "KEYS", ...keys);
    return keys.length;
  };
  return {
    target,
    moveKeys,
    async finish() {
      while ((await moveKeys(100)) > 0);
      await target.client.cluster("SETSLOT", slot, "NODE", targetId);
      await source.client.cluster("SETSLOT", slot, "NODE", targetId);
    },
  };
}

async function busPort({ client }: RedisNode): Promise<number> {
  const [, port] = (await client.config("GET", "cluster-port")) as [string, string];
  return Number(port);
}

async function idOf({ client }: RedisNode): Promise<string> {
  return String(await client.cluster("MYID"));
}

async function slotOf({ client }: RedisNode, tag: string): Promise<number> {
  return Number(await client.cluster("KEYSLOT", tag));
}

async function owns(node: RedisNode, slot: number): Promise<boolean> {
  const id = await idOf(node);
  const ranges = await node.client.cluster("SLOTS");
  return ranges.some(([from, to, primary]) => from <= slot && slot <= to && primary?.[2] === id);
}

async function untilWhole({ client }: RedisNode): Promise<void> {
  for (;;) {
    const info = String(await client.cluster("INFO"));
    if (info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:2")) return;
    await sleep(50);
  }
}

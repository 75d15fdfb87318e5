/**
 * A primary and a replica under Sentinel. Everybody sees the nodes through proxies, which announce
 * themselves as the nodes: so what a primary sends to its replica can be held up.
 */
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { FaultProxy } from "./fault-proxy.ts";
import { RedisNode } from "./redis-node.ts";
import type { Setup } from "./setup.ts";
import { findFreePort } from "../../support/redis.ts";

const PRIMARY = "primary";

const CONFIG = {
  appendonly: "yes",
  appendfsync: "everysec",
  "maxmemory-policy": "noeviction",
  "replica-announce-ip": "127.0.0.1",
  "repl-diskless-sync-delay": "0",
} as const;

/** A replica acknowledges once a second: under load it is always behind by a little. */
const IN_STEP_BYTES = 1_000_000;

interface Node {
  readonly redis: RedisNode;
  readonly proxy: FaultProxy;
}

export async function startReplicated(
  name: "sentinel" | "lagging",
  folder: string,
): Promise<Setup> {
  const first = await startNode(join(folder, "first"));
  const second = await startNode(join(folder, "second"), first.proxy.port);
  const nodes = [first, second];
  await untilInStep(first.redis);
  const sentinel = await startSentinel(join(folder, "sentinel"), first.proxy.port);
  await untilKnown(sentinel);

  const primary = async (): Promise<RedisNode> => {
    const port = await primaryPort(sentinel);
    const node = nodes.find(({ proxy }) => proxy.port === port);
    if (!node) throw new Error(`Sentinel names a primary at ${port}, where there is none`);
    return node.redis;
  };
  return {
    name,
    proxies: [],
    nodes: nodes.map(({ redis }) => redis),
    way: () => ({ kind: "sentinel", sentinelPorts: [sentinel.port], name: PRIMARY }),
    dataNode: primary,
    replication: {
      primary,
      holdUp: () => nodes.forEach(({ proxy }) => proxy.holdReplication()),
      release: () => nodes.forEach(({ proxy }) => proxy.calm()),
      inStep: async () => await untilInStep(await primary()),
      async failedOver(from) {
        while ((await primary()) === from) await pause();
        const { client } = await primary();
        while (!(await client.info("replication")).includes("role:master")) await pause();
      },
    },
    async stop() {
      await sentinel.stop();
      for (const { redis, proxy } of nodes) {
        proxy.close();
        await redis.stop();
      }
    },
  };
}

/** A node and the proxy that stands for it. */
async function startNode(folder: string, primaryPort?: number): Promise<Node> {
  const port = await findFreePort();
  const proxyPort = await findFreePort();
  const proxy = await FaultProxy.open(port, proxyPort);
  const config = {
    ...CONFIG,
    "replica-announce-port": String(proxyPort),
    ...(primaryPort !== undefined && { replicaof: `127.0.0.1 ${primaryPort}` }),
  };
  return { proxy, redis: await RedisNode.start({ folder, config, port }) };
}

async function startSentinel(folder: string, primaryPort: number): Promise<RedisNode> {
  const port = await findFreePort();
  const file = `${folder}.conf`;
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `sentinel monitor ${PRIMARY} 127.0.0.1 ${primaryPort} 1`,
    `sentinel down-after-milliseconds ${PRIMARY} 1000`,
    `sentinel failover-timeout ${PRIMARY} 5000`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  return await RedisNode.start({ folder, config: {}, port, leading: [file, "--sentinel"] });
}

async function primaryPort({ client }: RedisNode): Promise<number> {
  const answer = await client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", PRIMARY);
  return Number((answer as string[] | null)?.[1]);
}

/** Until the replica got the last write that the primary made, give or take what is on its way. */
async function untilInStep(primary: RedisNode): Promise<void> {
  for (;;) {
    const info = await primary.client.info("replication");
    const [, offset] = /master_repl_offset:(\d+)/.exec(info) ?? [];
    const [, acknowledged] = /state=online,offset=(\d+)/.exec(info) ?? [];
    if (Number(offset) - Number(acknowledged) < IN_STEP_BYTES) return;
    await pause();
  }
}

/** Until Sentinel has heard of the replica: before, it could not promote it. */
async function untilKnown({ client }: RedisNode): Promise<void> {
  while (((await client.call("SENTINEL", "REPLICAS", PRIMARY)) as unknown[]).length === 0) {
    await pause();
  }
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
}

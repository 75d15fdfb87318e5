/** One server. Everybody connects through a proxy of their own. */
import { join } from "node:path";
import { FaultProxy } from "./fault-proxy.ts";
import { RedisNode } from "./redis-node.ts";
import type { Setup, SetupName } from "./setup.ts";
import { Preload } from "./preload.ts";

const AOF = { appendonly: "yes", "maxmemory-policy": "noeviction" } as const;

const CONFIGS = {
  always: { ...AOF, appendfsync: "always" },
  everysec: { ...AOF, appendfsync: "everysec" },
  /** The same, and its machine may lose its power. */
  unsynced: { ...AOF, appendfsync: "everysec" },
  no: { ...AOF, appendfsync: "no" },
  snapshots: { appendonly: "no", save: "2 1", "maxmemory-policy": "noeviction" },
  memory: { appendonly: "no", "maxmemory-policy": "noeviction" },
  eviction: { ...AOF, appendfsync: "everysec", "maxmemory-policy": "allkeys-lru" },
} as const satisfies Partial<Record<SetupName, Readonly<Record<string, string>>>>;

export type StandaloneName = keyof typeof CONFIGS;

export async function startStandalone(
  name: StandaloneName,
  folder: string,
  wayCount: number,
): Promise<Setup> {
  const preload = await Preload.build(folder);
  const node = await RedisNode.start({
    folder: join(folder, "redis"),
    config: CONFIGS[name],
    ...(preload && { preload }),
  });
  const proxies = await Promise.all(
    Array.from({ length: wayCount }, async () => await FaultProxy.open(node.port)),
  );
  return {
    name,
    proxies,
    nodes: [node],
    ...(preload && { preload }),
    way: (number) => ({ kind: "standalone", port: proxies[number]?.port ?? node.port }),
    dataNode: () => Promise.resolve(node),
    async stop() {
      for (const proxy of proxies) proxy.close();
      await node.stop();
      preload?.close();
    },
  };
}

/** A Redis Cluster of one node that has all slots. */
import { eventually } from "./eventually.ts";
import { startRedis } from "./redis.ts";
import type { TestRedis } from "./redis.ts";

export async function startCluster(
  config: Readonly<Record<string, string>> = {},
  program?: string,
): Promise<TestRedis> {
  const redis = await startRedis(
    { "cluster-enabled": "yes", "cluster-announce-ip": "127.0.0.1", ...config },
    program,
  );
  const client = redis.connect({ enableReadyCheck: false });
  await client.cluster("ADDSLOTSRANGE", 0, 16_383);
  await eventually(async () => {
    if (!String(await client.cluster("INFO")).includes("cluster_state:ok")) throw new Error("down");
  });
  return redis;
}

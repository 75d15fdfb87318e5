import type { StoreKind } from "../engine.ts";
import type { Variant } from "../workload.ts";
import { startRedis } from "./redis.ts";
import { startRedisCluster } from "./redis-cluster.ts";
import { startRestate } from "./restate.ts";
import { startSqlite } from "./sqlite.ts";
import type { Store } from "./store.ts";

/** A store of that kind, empty, for one contestant alone. */
export async function startStore(kind: StoreKind, variant: Variant): Promise<Store> {
  switch (kind) {
    case "redis":
      if (variant.clusterNodes !== undefined) return await startRedisCluster(variant.clusterNodes);
      return await startRedis(variant.redis);
    case "sqlite":
      return await startSqlite();
    case "restate":
      return await startRestate();
    case "postgres":
      return await openPostgres();
  }
}

/** Its client is one of the peers' packages. */
async function openPostgres(): Promise<Store> {
  const file = new URL("../../peers/postgres.ts", import.meta.url).href;
  const { openPostgres } = (await import(file)) as { openPostgres: () => Promise<Store> };
  return await openPostgres();
}

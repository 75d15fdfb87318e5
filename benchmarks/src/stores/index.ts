import type { StoreKind } from "../engine.ts";
import type { Variant } from "../workload.ts";
import { startRedis } from "./redis.ts";
import type { Store } from "./store.ts";

/** A store of that kind, empty, for one contestant alone. */
export async function startStore(kind: StoreKind, variant: Variant): Promise<Store> {
  switch (kind) {
    case "redis":
      return await startRedis(variant.redis);
    default:
      throw new Error(`There is no ${kind}`);
  }
}

/** The keys that a script names to Redis: the tag, from which it builds all others. */
import type { RedisClient } from "./script-runner.ts";

/** How many there are, then each, as `EVAL` takes them. */
export type DeclaredKeys = readonly [count: number, ...keys: string[]];

/**
 * On a Cluster, two keys that never exist. While a slot moves between two nodes, the one sends whoever
 * names a key that it has not to the other, which would run the script on the keys that have come so far.
 * Two missing keys make the other refuse (`TRYAGAIN`) until all have come.
 */
export function declareKeys(client: RedisClient, tag: string): DeclaredKeys {
  return client.isCluster ? [2, tag, `${tag}:`] : [1, tag];
}

/** Reads what a scenario left in the store, and what it should not have left. */
import type { Redis } from "ioredis";
import type { Store } from "../../src/engine/ports/store.ts";
import { decodePayload } from "../../src/model/payload.ts";
import { checkRedisConsistency } from "../conformance/store/redis-consistency.ts";
import type { StoredInstance } from "./checker/evidence.ts";

/** Instances that are read at once. */
const BATCH = 100;

export async function readInstances(
  store: Store,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredInstance>> {
  const stored = new Map<string, StoredInstance>();
  for (let first = 0; first < ids.length; first += BATCH) {
    await Promise.all(
      ids.slice(first, first + BATCH).map(async (id) => {
        const [record, history] = await Promise.all([
          store.instances.get(id),
          store.instances.history(id),
        ]);
        if (!record) return;
        const output = record.output === undefined ? undefined : decodePayload(record.output);
        stored.set(id, { status: record.status, output, history });
      }),
    );
  }
  return stored;
}

/** What of a workflow is there for good, whatever runs or does not: its own keys, then BullMQ's. */
const LASTING: readonly RegExp[] = [
  /^:(sequence|position|settings|expiry)$/,
  /^:status:\w+$/,
  /^:activations:(id|meta|events|marker|stalled-check|pc)$/,
];

/** What is left that belongs to nothing: keys and jobs of no instance, places that should be empty. */
export async function findLeftovers(redis: Redis, tag: string): Promise<readonly string[]> {
  const keys = await scan(redis, tag);
  const left = keys.filter((key) => LASTING.every((pattern) => !pattern.test(key)));
  const known = new Set(left.filter((key) => key.startsWith(":i:")).map((key) => key.slice(3)));
  const orphans = left.filter((key) => {
    return !(/^:[ih]:/.test(key) && known.has(key.slice(3)));
  });
  try {
    await checkRedisConsistency(redis, tag);
  } catch (error) {
    orphans.push(String(error));
  }
  return orphans;
}

/** The names of all keys after the tag. */
async function scan(redis: Redis, tag: string): Promise<readonly string[]> {
  const keys: string[] = [];
  let cursor = "0";
  do {
    const [next, found] = await redis.scan(cursor, "MATCH", `${tag}*`, "COUNT", 1_000);
    keys.push(...found.map((key) => key.slice(tag.length)));
    cursor = next;
  } while (cursor !== "0");
  return keys;
}

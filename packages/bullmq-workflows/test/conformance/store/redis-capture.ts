import type { Redis } from "ioredis";

/** Answers how to set all keys of a partition back to what they are now. */
export async function captureKeys(client: Redis, tag: string): Promise<() => Promise<void>> {
  const dumps: (readonly [string, Buffer])[] = [];
  for (const key of await client.keys(`${tag}:*`)) {
    const dump = await client.dumpBuffer(key);
    if (dump) dumps.push([key, dump]);
  }
  return async () => {
    const keys = await client.keys(`${tag}:*`);
    if (keys.length > 0) await client.del(...keys);
    for (const [key, dump] of dumps) await client.restore(key, 0, dump);
  };
}

/** Loses the record of an instance alone. Answers how to bring it back. */
export async function hideRecord(
  client: Redis,
  tag: string,
  id: string,
): Promise<() => Promise<void>> {
  const [there, away] = [`${tag}:i:${id}`, `${tag}:lost`];
  await client.rename(there, away);
  return async () => void (await client.rename(away, there));
}

/** Whether a server can do what a barrier needs. */
import { waitsForDisk } from "./barrier.ts";
import type { Barrier } from "./barrier.ts";
import type { ServerFacts } from "./server-facts.ts";

/** Why it cannot; `undefined` when it can, or when only trying will tell. */
export function whyNoBarrier(
  servers: readonly ServerFacts[],
  barrier: Barrier,
): string | undefined {
  if (!waitsForDisk(barrier)) return undefined;
  for (const { address, version, appends, fsync, knowsWaitAof } of servers) {
    if (!appends) return `${address} has no append-only file, set \`appendonly yes\``;
    if (fsync === "no")
      return `${address} has \`appendfsync no\` and never syncs, set \`everysec\``;
    if (fsync !== "always" && !knowsWaitAof) {
      return `${address} is ${version}, which has no WAITAOF; set \`appendfsync always\`, or use Redis 7.2 or later, or Valkey`;
    }
  }
  return undefined;
}

/** Whether Redis answers no write before it is on disk anyway. */
export function alwaysSyncs(servers: readonly ServerFacts[]): boolean {
  return servers.length > 0 && servers.every(({ appends, fsync }) => appends && fsync === "always");
}

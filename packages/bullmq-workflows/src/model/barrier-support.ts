/** Whether a server can do what a barrier needs. */
import { describeReplicas, joinBarriers, waitsForDisk, waitsForReplicas } from "./barrier.ts";
import type { Barrier } from "./barrier.ts";
import type { BarrierRequest } from "./durability.ts";
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

export interface BarrierState {
  /** What of the barrier holds as the servers are now. */
  readonly held: Barrier;
  /** Why the rest does not. */
  readonly lacks: readonly string[];
}

export function toBarrierState(
  servers: readonly ServerFacts[],
  { barrier, replicas }: BarrierRequest,
): BarrierState {
  const noDisk = whyNoBarrier(servers, barrier);
  const noReplicas = waitsForReplicas(barrier) ? whyNoReplicas(servers, replicas) : undefined;
  const onDisk: Barrier = waitsForDisk(barrier) && noDisk === undefined ? "fsync" : "memory";
  const onReplicas: Barrier =
    waitsForReplicas(barrier) && noReplicas === undefined ? "replicated" : "memory";
  return {
    held: joinBarriers(onDisk, onReplicas),
    lacks: [noDisk, noReplicas].filter((lack) => lack !== undefined),
  };
}

function whyNoReplicas(servers: readonly ServerFacts[], replicas: number): string | undefined {
  const lacking = servers.find(({ replicaCount }) => replicaCount < replicas);
  if (!lacking) return undefined;
  const { address, replicaCount } = lacking;
  return `${address} has ${describeReplicas(replicaCount)} connected, and what waits for ${describeReplicas(replicas)} is not acknowledged until there are more`;
}

/** Whether Redis answers no write before it is on disk anyway. */
export function alwaysSyncs(servers: readonly ServerFacts[]): boolean {
  return servers.length > 0 && servers.every(({ appends, fsync }) => appends && fsync === "always");
}

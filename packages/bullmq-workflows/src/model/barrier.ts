/**
 * How much has to hold before an outcome is acknowledged: what a write waits for after Redis has taken it.
 */

/**
 * `memory` waits for nothing more: how safe it is then is what Redis's own settings promise. `fsync`
 * waits until it is on the disk of the primary, `replicated` until replicas have it in their memory, and
 * `fsync+replicated` for both.
 */
export type Barrier = "memory" | "fsync" | "replicated" | "fsync+replicated";

export const BARRIERS: readonly Barrier[] = ["memory", "fsync", "replicated", "fsync+replicated"];

export function isBarrier(value: unknown): value is Barrier {
  return (BARRIERS as readonly unknown[]).includes(value);
}

export function waitsForDisk(barrier: Barrier): boolean {
  return barrier === "fsync" || barrier === "fsync+replicated";
}

export function waitsForReplicas(barrier: Barrier): boolean {
  return barrier === "replicated" || barrier === "fsync+replicated";
}

/** What holds when both hold. */
export function joinBarriers(one: Barrier, other: Barrier = "memory"): Barrier {
  if (one === other || other === "memory") return one;
  return one === "memory" ? other : "fsync+replicated";
}

export function describeReplicas(count: number): string {
  return count === 1 ? "1 replica" : `${count} replicas`;
}

/** What to do when too few replicas have a write. */
export const REPLICA_ADVICE = "Connect replicas that keep up, or lower `durability.replicas`.";

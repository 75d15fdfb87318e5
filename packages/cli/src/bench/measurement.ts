/** How long something took, and what it cost. */
import type { Redis } from "ioredis";
import type { BenchPlan } from "./plan.ts";

export interface Cost {
  readonly wallMs: number;
  /** CPU time of this process. */
  readonly ownMs: number;
  /** CPU time of Redis; 0 where it does not tell. */
  readonly redisMs: number;
}

export interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Measured {
  readonly perSecond: number;
  readonly ownCpuMs: number;
  readonly redisCpuMs: number;
  readonly latency: Latencies;
}

export async function measure(redis: Redis, act: () => Promise<void>): Promise<Cost> {
  const redisBefore = await redisCpuMs(redis);
  const ownBefore = process.cpuUsage();
  const startedAt = performance.now();
  await act();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(ownBefore);
  return {
    wallMs,
    ownMs: (user + system) / 1_000,
    redisMs: (await redisCpuMs(redis)) - redisBefore,
  };
}

/** One after another: what a lone caller waits. */
export async function timeEach(
  { latencyCount, signal }: Pick<BenchPlan, "latencyCount" | "signal">,
  act: () => Promise<unknown>,
): Promise<Latencies> {
  const took: number[] = [];
  for (let index = 0; index < latencyCount; index++) {
    signal.throwIfAborted();
    const startedAt = performance.now();
    await act();
    took.push(performance.now() - startedAt);
  }
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

export function toMeasured(count: number, cost: Cost, latency: Latencies): Measured {
  return {
    perSecond: (count / cost.wallMs) * 1_000,
    ownCpuMs: cost.ownMs / count,
    redisCpuMs: cost.redisMs / count,
    latency,
  };
}

async function redisCpuMs(redis: Redis): Promise<number> {
  const info = await redis.info("cpu");
  const seconds = (name: string): number =>
    Number(new RegExp(`^${name}:(.*)$`, "m").exec(info)?.[1] ?? 0);
  return (seconds("used_cpu_user") + seconds("used_cpu_sys")) * 1_000;
}

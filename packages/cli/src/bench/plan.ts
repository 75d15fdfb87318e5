/** What a benchmark does, and under which keys: none that anybody else has. */
import { randomBytes } from "node:crypto";

export interface BenchPlan {
  readonly redisUrl: string;
  /** Of this run alone. */
  readonly prefix: string;
  readonly instances: number;
  readonly steps: number;
  readonly concurrency: number;
  readonly warmUpCount: number;
  readonly latencyCount: number;
  /** Created in one call. */
  readonly batch: number;
  /** Ends it before its time. */
  readonly signal: AbortSignal;
}

export interface BenchOptions {
  readonly redisUrl: string;
  readonly instances: number;
  readonly steps: number;
  readonly concurrency: number;
}

export function planBench({ instances, ...options }: BenchOptions, signal: AbortSignal): BenchPlan {
  return {
    ...options,
    signal,
    instances,
    prefix: `bw-bench-${randomBytes(4).toString("hex")}`,
    warmUpCount: Math.min(500, Math.ceil(instances / 4)),
    latencyCount: Math.min(200, instances),
    batch: 100,
  };
}

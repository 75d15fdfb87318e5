import { randomBytes, randomInt } from "node:crypto";

/** How the order workflow is registered, in the client and in every worker. */
export const ORDERS = { name: "orders", concurrency: { limit: 50 } } as const;

export interface DemoSettings {
  /** Drives all that is random, so that `SEED=` repeats it. */
  readonly seed: number;
  readonly orderCount: number;
  readonly crashCount: number;
  /** Absent when the demo is to start a server of its own. */
  readonly redisUrl: string | undefined;
  /** Fresh for every run, so that runs do not see each other in the same Redis. */
  readonly prefix: string;
}

export function readDemoSettings(env: NodeJS.ProcessEnv): DemoSettings {
  return {
    seed: readCount(env, "SEED") ?? randomInt(1, 1_000_000),
    orderCount: readCount(env, "ORDERS") ?? 200,
    crashCount: readCount(env, "CRASHES") ?? 5,
    redisUrl: env["REDIS_URL"] || undefined,
    prefix: `demo-${randomBytes(4).toString("hex")}`,
  };
}

function readCount(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new Error(`Expected ${name} to be a whole number, got "${text}"`);
}

/** A quick benchmark on somebody's Redis, that leaves nothing behind. */
import { WorkflowEngine } from "bullmq-workflows";
import type { Redis } from "ioredis";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { connectTo } from "../doctor/redis-probe.ts";
import { benchJobs } from "./jobs.ts";
import type { Measured } from "./measurement.ts";
import { planBench } from "./plan.ts";
import type { BenchOptions, BenchPlan } from "./plan.ts";
import { benchWorkflows } from "./workflows.ts";

export interface BenchResult {
  readonly plan: Pick<BenchPlan, "instances" | "steps" | "concurrency" | "latencyCount">;
  readonly durability: string;
  readonly job: Measured;
  readonly workflow: Measured;
}

const CHUNK = 500;

/** @throws {@link CommandError} when Redis cannot be reached, or has too little room. */
export async function bench(
  options: BenchOptions,
  onProgress: (what: string | undefined) => void,
): Promise<BenchResult> {
  const interruption = new AbortController();
  const plan = planBench(options, interruption.signal);
  const redis = await connectTo(options.redisUrl);
  const onSignal = (): void => {
    interruption.abort(new CommandError("Interrupted", EXIT.interrupted));
  };
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    const durability = await checkRoom(plan);
    onProgress(`${plan.instances} raw BullMQ jobs`);
    const job = await benchJobs(redis, plan);
    onProgress(`${plan.instances} workflows of ${plan.steps} steps`);
    const workflow = await benchWorkflows(redis, plan);
    const { instances, steps, concurrency, latencyCount } = plan;
    return {
      plan: { instances, steps, concurrency, latencyCount },
      durability,
      job,
      workflow,
    };
  } finally {
    onProgress("Cleaning up");
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    await cleanUp(redis, plan);
    redis.disconnect();
    onProgress(undefined);
  }
}

/** A Redis that is almost full, or that evicts, might lose what others keep there. Answers its grade. */
async function checkRoom({ redisUrl, prefix }: BenchPlan): Promise<string> {
  const engine = new WorkflowEngine({ connection: redisUrl, prefix, mode: "client" });
  try {
    const { grade, promises, headroom } = await engine.durability();
    const { level, ratio } = headroom;
    if (grade === "F") {
      throw new CommandError(`Not on this Redis: ${promises} Set \`maxmemory-policy noeviction\`.`);
    }
    if (level !== "unlimited" && level !== "enough") {
      throw new CommandError(`Not on this Redis: its memory is ${Math.round(ratio * 100)} % full.`);
    }
    return `${grade}. ${promises}`;
  } finally {
    await engine.close({ force: true });
  }
}

/** Removes the keys of this run: those that begin with its own prefix, which no one else has. */
async function cleanUp(redis: Redis, { prefix }: BenchPlan): Promise<void> {
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "MATCH", `{${prefix}[:}]*`, "COUNT", CHUNK);
    if (keys.length > 0) await redis.unlink(...keys);
    cursor = next;
  } while (cursor !== "0");
}

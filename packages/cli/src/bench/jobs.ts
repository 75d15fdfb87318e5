/** The floor: one raw BullMQ job that does nothing, with nothing recorded, fenced or listed. */
import { Queue, QueueEvents, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { measure, timeEach, toMeasured } from "./measurement.ts";
import type { Measured } from "./measurement.ts";
import type { BenchPlan } from "./plan.ts";

const QUEUE = "jobs";
const REMOVED = { removeOnComplete: true, removeOnFail: true } as const;

export async function benchJobs(redis: Redis, plan: BenchPlan): Promise<Measured> {
  const { redisUrl, prefix, instances, concurrency } = plan;
  const options = { connection: { url: redisUrl }, prefix: `{${prefix}:raw}` };
  const queue = new Queue(QUEUE, { ...options, defaultJobOptions: REMOVED });
  const events = new QueueEvents(QUEUE, options);
  const counter = new Countdown();
  const worker = new Worker(QUEUE, async () => {}, { ...options, concurrency });
  worker.on("completed", () => counter.count());
  try {
    await Promise.all([worker.waitUntilReady(), events.waitUntilReady()]);
    const run = async (count: number): Promise<void> => {
      const done = counter.until(count, plan.signal);
      done.catch(() => {});
      for (let at = 0; at < count; at += plan.batch) {
        plan.signal.throwIfAborted();
        const size = Math.min(plan.batch, count - at);
        await queue.addBulk(Array.from({ length: size }, () => ({ name: "job", data: {} })));
      }
      await done;
    };
    await run(plan.warmUpCount);
    const cost = await measure(redis, async () => await run(instances));
    const latency = await timeEach(plan, async () => {
      // Whoever waits for a job has to find it.
      const job = await queue.add("job", {}, { removeOnComplete: false });
      await job.waitUntilFinished(events);
    });
    return toMeasured(instances, cost, latency);
  } finally {
    await worker.close();
    await events.close();
    await queue.close();
  }
}

/** Resolves after so many. */
class Countdown {
  #left = 0;
  #resolve = (): void => {};

  async until(count: number, signal: AbortSignal): Promise<void> {
    this.#left = count;
    await new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
  }

  count(): void {
    if (--this.#left === 0) this.#resolve();
  }
}

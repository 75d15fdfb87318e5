/** bullmq-durable: checkpointed steps within one BullMQ 5 job. */
import { QueueEvents } from "bullmq";
import type { Job } from "bullmq";
import { DurableQueue, DurableWorker } from "bullmq-durable";
import type { DurableJob } from "bullmq-durable";
import { CONCURRENCY, LEASE_MS, perform } from "../src/engine.ts";
import type { Engine, Place, Run } from "../src/engine.ts";
import { versionOf } from "./version.ts";

const QUEUE = "bench";
const BATCH = 100;
/** As its documentation asks for, and as long as we keep ours. */
const JOB_OPTIONS = { attempts: 3, removeOnComplete: { age: 7 * 86_400 } };

export const engine: Engine = {
  store: "redis",
  about: `bullmq-durable ${versionOf("bullmq-durable")} on BullMQ ${versionOf("bullmq")}: concurrency ${CONCURRENCY}, lock ${LEASE_MS / 1_000} s, finished runs kept for 7 days as ours are`,
  batch: BATCH,
  cannot: {
    waiter: "it has no events (its roadmap names them)",
    inbox: "it has no events (its roadmap names them)",
    fan: "it has no parallel steps (its roadmap names them)",
    cluster: "its state and its queue have different hash tags",
  },

  async startWorker(place, markFor) {
    const worker = new DurableWorker(
      QUEUE,
      async (job: DurableJob<Run>, context) => {
        const steps = {
          do: async <T>(name: string, callback: () => T | Promise<T>): Promise<T> =>
            await context.step(name, async () => await callback()),
          sleep: async (name: string, ms: number): Promise<void> => {
            await context.sleep(name, ms);
          },
          waitForEvent: async (): Promise<never> => await Promise.reject(new Error("no events")),
        };
        return await perform(steps, job.data, markFor);
      },
      {
        connection: connectionOf(place),
        concurrency: CONCURRENCY,
        lockDuration: LEASE_MS,
        stalledInterval: LEASE_MS,
      },
    );
    await worker.waitUntilReady();
    return { close: async () => await worker.close() };
  },

  async connect(place) {
    const connection = connectionOf(place);
    const queue = new DurableQueue<Run>(QUEUE, { connection, defaultJobOptions: JOB_OPTIONS });
    let events: QueueEvents | undefined;
    const started = new Map<string, Job>();
    return {
      async start(runs) {
        const [only] = runs;
        if (only && runs.length === 1) {
          started.set(only.id, await queue.add("run", only, { jobId: only.id }));
          return;
        }
        // It has none of its own; its `add` is BullMQ's, with a name for the run put on what it returns.
        await queue.bullmq.addBulk(
          runs.map((run) => ({ name: "run", data: run, opts: { jobId: run.id } })),
        );
      },
      async result({ id }) {
        events ??= new QueueEvents(QUEUE, { connection });
        await events.waitUntilReady();
        const job = started.get(id) ?? (await queue.bullmq.getJob(id));
        started.delete(id);
        return await job?.waitUntilFinished(events);
      },
      sendEvent: async () => await Promise.reject(new Error("no events")),
      async close() {
        await events?.close();
        await queue.close();
      },
    };
  },
};

function connectionOf({ url }: Place): { host: string; port: number; maxRetriesPerRequest: null } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null };
}

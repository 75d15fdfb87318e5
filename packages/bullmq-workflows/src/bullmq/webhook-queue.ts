/** Deliveries of webhooks on BullMQ: a job for each, in one queue per namespace. */
import { Queue, UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { ConnectionOptions, Job } from "bullmq";
import type {
  Delivery,
  DeliveryAttempt,
  DeliveryOutcome,
  DeliveryQueue,
  DeliveryQueueOptions,
} from "../engine/ports/delivery-queue.ts";
import type { Consumer } from "../engine/ports/dispatcher.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";
import { toConsumer } from "./stoppable-worker.ts";

const QUEUE = "webhooks";

/** How long it is remembered that a delivery was made, so that it is not made again. */
const REMEMBERED = { age: 3_600, count: 10_000 } as const;

/** A delivery may outlive so many processes that die in the middle of it. */
const MAX_STALLED = 10;

const RETRY_AFTER_MS = 500;

/** How long a close waits for deliveries, and for a Redis that may be away. */
const CLOSE_MS = 3_000;

export interface WebhookQueueParts extends DeliveryQueueOptions {
  /** The hash tag of the namespace. */
  readonly tag: string;
  readonly connection: ConnectionOptions;
  /** Makes a connection that a worker may block. The queue closes it. */
  readonly createBlockingConnection: () => ConnectionOptions & { disconnect(): void };
  readonly telemetry: Telemetry;
}

type JobData = Omit<Delivery, "id">;

export class WebhookQueue implements DeliveryQueue {
  readonly #parts: WebhookQueueParts;
  readonly #queue: Queue<JobData>;
  readonly #consumers = new Set<Consumer>();

  constructor(parts: WebhookQueueParts) {
    this.#parts = parts;
    this.#queue = new Queue<JobData>(QUEUE, {
      connection: parts.connection,
      prefix: parts.tag,
      // Nobody reads the stream; its entries would only cost memory.
      streams: { events: { maxLen: 1 } },
      defaultJobOptions: { removeOnComplete: REMEMBERED, removeOnFail: REMEMBERED },
    });
    this.#queue.on("error", (error) => {
      parts.telemetry.log("warn", "the webhook queue had an error", { error });
    });
  }

  async add(deliveries: readonly Delivery[], attempts: number): Promise<void> {
    const jobs = deliveries.map(({ id, ...data }) => ({
      name: "delivery",
      data,
      opts: { jobId: id, attempts, backoff: { type: "custom" } },
    }));
    await this.#queue.addBulk(jobs);
  }

  async consume(
    deliver: (attempt: DeliveryAttempt) => Promise<DeliveryOutcome>,
    { concurrency, retryDelayMs }: Parameters<DeliveryQueue["consume"]>[1],
  ): Promise<Consumer> {
    const { takeoverMs } = this.#parts;
    const connection = this.#parts.createBlockingConnection();
    const worker = new Worker<JobData>(
      QUEUE,
      async (job, token) => await attempt({ job, token }, deliver),
      {
        connection,
        prefix: this.#parts.tag,
        concurrency,
        // BullMQ looks for dead ones once in an interval.
        lockDuration: takeoverMs / 2,
        stalledInterval: takeoverMs / 2,
        maxStalledCount: MAX_STALLED,
        runRetryDelay: RETRY_AFTER_MS,
        settings: { backoffStrategy: (attempts) => retryDelayMs(attempts) },
      },
    );
    worker.on("error", (error) => {
      this.#parts.telemetry.log("warn", "the webhook consumer had an error", { error });
    });
    const consumer = toConsumer(worker, connection);
    this.#consumers.add(consumer);
    await worker.waitUntilReady();
    return consumer;
  }

  async close(): Promise<void> {
    const stopAll = async (force: boolean): Promise<void> => {
      const consumers = [...this.#consumers];
      await Promise.all(consumers.map(async (consumer) => await consumer.stop({ force })));
    };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        // It ends when the last delivery does, which nobody waits for any more.
        void stopAll(true);
        resolve();
      }, CLOSE_MS);
    });
    await Promise.race([stopAll(false), late]).finally(() => clearTimeout(timer));
    await this.#queue.close();
  }
}

/** BullMQ goes by what is thrown. */
async function attempt(
  { job, token }: { readonly job: Job<JobData>; readonly token: string | undefined },
  deliver: (attempt: DeliveryAttempt) => Promise<DeliveryOutcome>,
): Promise<void> {
  const number = job.attemptsMade + 1;
  const isLast = number >= (job.opts.attempts ?? 1);
  const outcome = await deliver({ ...job.data, id: job.id ?? "", attempt: number, isLast });
  if (outcome === "interrupted") {
    await job.moveToWait(token);
    throw new WaitingError();
  }
  if (outcome === "failed") throw new Error("The delivery failed");
  if (outcome === "dropped") throw new UnrecoverableError("The delivery was dropped");
}

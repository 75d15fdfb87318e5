/**
 * The dispatcher on BullMQ: one job per activation request, in one queue per workflow.
 *
 * A job carries nothing but the instance's id; what is to be done stands in the store. Its id is made of
 * the instance and the wake-up, so that asking twice adds one job. Jobs are removed when they end, and
 * a job that is lost is asked for again by the sweeper, so BullMQ need not retry anything.
 */
import { Queue, Worker } from "bullmq";
import type { ConnectionOptions, JobsOptions } from "bullmq";
import type { ActivationRequest, Consumer, Dispatcher, Telemetry } from "../engine/ports.ts";

const QUEUE = "activations";
const JOB = "activation";

/** BullMQ's largest priority. */
const MAX_PRIORITY = 2_097_151;

export interface ActivationQueueParts {
  /** The hash tag under which the workflow's keys live, and so its queue's. */
  readonly tag: string;
  readonly connection: ConnectionOptions;
  /** Makes a connection that a worker may block. The queue closes it. */
  readonly createBlockingConnection: () => ConnectionOptions & { disconnect(): void };
  readonly telemetry: Telemetry;
}

interface JobData {
  readonly instanceId: string;
}

export class ActivationQueue implements Dispatcher {
  readonly #parts: ActivationQueueParts;
  readonly #queue: Queue<JobData>;

  constructor(parts: ActivationQueueParts) {
    this.#parts = parts;
    this.#queue = new Queue<JobData>(QUEUE, {
      connection: parts.connection,
      prefix: parts.tag,
      // Nobody reads the stream; its entries would only cost memory.
      streams: { events: { maxLen: 1 } },
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    this.#queue.on("error", (error) => this.#report("the activation queue had an error", error));
  }

  async dispatch(requests: readonly ActivationRequest[]): Promise<void> {
    const [first] = requests;
    if (!first) return;
    if (requests.length === 1) {
      await this.#queue.add(JOB, { instanceId: first.instanceId }, optionsOf(first));
      return;
    }
    await this.#queue.addBulk(
      requests.map((request) => ({
        name: JOB,
        data: { instanceId: request.instanceId },
        opts: optionsOf(request),
      })),
    );
  }

  async consume(
    activate: (instanceId: string) => Promise<void>,
    concurrency: number,
  ): Promise<Consumer> {
    const connection = this.#parts.createBlockingConnection();
    const worker = new Worker<JobData>(QUEUE, async ({ data }) => await activate(data.instanceId), {
      connection,
      prefix: this.#parts.tag,
      concurrency,
    });
    worker.on("error", (error) => this.#report("the activation consumer had an error", error));
    await worker.waitUntilReady();
    return {
      stop: async () => {
        await worker.close();
        connection.disconnect();
      },
    };
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  #report(message: string, error: unknown): void {
    this.#parts.telemetry.log("warn", message, { error });
  }
}

/** BullMQ takes jobs without a priority first: those are the woken ones, rank 0. */
function optionsOf({ instanceId, wakeUp, rank }: ActivationRequest): JobsOptions {
  const jobId = `${instanceId.replaceAll(":", "%3A")}.${wakeUp}`;
  return rank === 0 ? { jobId } : { jobId, priority: Math.min(rank, MAX_PRIORITY) };
}

/**
 * The dispatcher on BullMQ: one job per activation request, in one queue per workflow.
 *
 * A job carries nothing but the instance's id; what is to be done stands in the store. Its id is made of
 * the instance and the wake-up, so that asking twice adds one job. Jobs are removed when they end, and
 * a job that is lost is asked for again by the sweeper, so BullMQ need not retry anything.
 */
import { Queue, Worker } from "bullmq";
import type { ConnectionOptions, JobsOptions } from "bullmq";
import type {
  ActivationRequest,
  Consumer,
  Dispatcher,
  WaitingRequests,
  Alarm,
  Ring,
} from "../engine/ports/dispatcher.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";
import { ALARM_SETTINGS, setAlarms } from "./alarms.ts";
import { toConsumer } from "./stoppable-worker.ts";

const QUEUE = "activations";
const JOB = "activation";

const RETRY_AFTER_MS = 500;

/** BullMQ's largest priority. */
const MAX_PRIORITY = 2_097_151;

export interface ActivationQueueParts {
  /** The hash tag under which the workflow's keys live, and so its queue's. */
  readonly tag: string;
  readonly connection: ConnectionOptions;
  /** Makes a connection that a worker may block. The queue closes it. */
  readonly createBlockingConnection: () => ConnectionOptions & { disconnect(): void };
  readonly telemetry: Telemetry;
  /** How long a worker may stay silent before its jobs are given to others. */
  readonly leaseMs: number;
}

/** Either an instance is to be run, or a schedule may be due. */
interface JobData {
  readonly instanceId?: string;
  readonly schedule?: string;
}

export class ActivationQueue implements Dispatcher {
  readonly #parts: ActivationQueueParts;
  readonly #queue: Queue<JobData>;
  readonly #consumers = new Set<Consumer>();

  constructor(parts: ActivationQueueParts) {
    this.#parts = parts;
    this.#queue = new Queue<JobData>(QUEUE, {
      connection: parts.connection,
      prefix: parts.tag,
      // Nobody reads the stream; its entries would only cost memory.
      streams: { events: { maxLen: 1 } },
      settings: ALARM_SETTINGS,
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

  async setAlarms(alarms: readonly Alarm[]): Promise<void> {
    await setAlarms(this.#queue, alarms);
  }

  async consume(
    activate: (instanceId: string) => Promise<void>,
    concurrency: number,
    ring: Ring = async () => {},
  ): Promise<Consumer> {
    const connection = this.#parts.createBlockingConnection();
    // What it passes on it does not wait for: a promise more for each job would be felt.
    const work = ({ data }: { readonly data: JobData }): Promise<void> => {
      if (data.instanceId !== undefined) return activate(data.instanceId);
      return data.schedule === undefined ? Promise.resolve() : ring(data.schedule);
    };
    const worker = new Worker<JobData>(QUEUE, work, {
      connection,
      prefix: this.#parts.tag,
      concurrency,
      // A dead worker's jobs come back about as soon as its instances do: until then a request that it
      // took, and never claimed, cannot be added again. BullMQ looks for them once in an interval.
      lockDuration: this.#parts.leaseMs,
      stalledInterval: this.#parts.leaseMs / 4,
      // BullMQ's own 15 s would be how long a worker stays idle after Redis has come back.
      runRetryDelay: RETRY_AFTER_MS,
      settings: ALARM_SETTINGS,
    });
    worker.on("error", (error) => this.#report("the activation consumer had an error", error));
    const consumer = toConsumer(worker, connection);
    // At once: a consumer that is not ready yet must be stopped too, which also ends the wait for it.
    this.#consumers.add(consumer);
    await worker.waitUntilReady();
    return consumer;
  }

  async waiting(limit: number): Promise<WaitingRequests> {
    const [counts, jobs] = await Promise.all([
      this.#queue.getJobCounts("waiting", "prioritized"),
      this.#queue.getJobs(["waiting", "prioritized"], 0, limit - 1, true),
    ]);
    const { waiting = 0, prioritized = 0 } = counts;
    // BullMQ answers so many of each kind, and nothing for a job that has gone meanwhile.
    const ids = jobs.flatMap((job) => job?.data.instanceId ?? []).slice(0, limit);
    return { count: waiting + prioritized, instanceIds: ids };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map(async (consumer) => await consumer.stop()));
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

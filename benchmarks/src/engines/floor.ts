/**
 * Raw BullMQ: what the queue alone costs, without history, fences or indices.
 *
 * One empty job per workflow, or one per step, each of which adds the next. A sleep is a delayed job and
 * an event the job that it adds. Nothing here is durable beyond the single job: it is a floor, no peer.
 */
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { Queue, QueueEvents, Worker } from "bullmq";
import type { ConnectionOptions, Job, JobsOptions } from "bullmq";
import { Cluster } from "ioredis";
import { CONCURRENCY, LEASE_MS, workflowOf } from "../engine.ts";
import type { Engine, EngineClient, MarkFor, Place, Run } from "../engine.ts";

const BATCH = 100;
const QUEUE = "jobs";

const { version } = createRequire(import.meta.url)("bullmq/package.json") as { version: string };

/** A job of a run: which of its steps it stands for. */
interface Stage extends Run {
  readonly step: number;
  readonly dueAt?: number;
}

/** Nothing is kept of a job that ended, as with the engine's own jobs. */
const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true } as const;

export function createFloor(what: string, isChained: boolean): Engine {
  return {
    store: "redis",
    about: `BullMQ ${version}, ${what}: concurrency ${CONCURRENCY}, lock ${LEASE_MS / 1_000} s, jobs removed when they end`,
    batch: BATCH,
    cannot: isChained ? CHAIN_CANNOT : SINGLE_CANNOT,
    startWorker: async (place, markFor) => await startWorkers(place, markFor, isChained),
    connect: async (place) => await connectClient(place, isChained),
  };
}

const ONE_JOB = "the floor is one job per workflow there";

const CANNOT = {
  naps: "a job has no sleeps within",
  inbox: "a job has no events",
};
const SINGLE_CANNOT = { ...CANNOT, timed: "a job has no steps" };
const CHAIN_CANNOT = {
  ...CANNOT,
  fan: ONE_JOB,
  sleeper: ONE_JOB,
  waiter: ONE_JOB,
  slow: ONE_JOB,
  create: ONE_JOB,
  workers: ONE_JOB,
  cluster: ONE_JOB,
  fsync: ONE_JOB,
};

export const engine: Engine = createFloor("one empty job per workflow", false);

async function startWorkers(place: Place, markFor: MarkFor, isChained: boolean) {
  const opened = place.workflows.map((name) => {
    const queue = openQueue(place, name);
    const worker = new Worker<Stage>(
      QUEUE,
      async (job) => await handle(job, { queue, markFor, isChained }),
      {
        ...connectionOf(place, name),
        concurrency: CONCURRENCY,
        lockDuration: LEASE_MS,
        stalledInterval: LEASE_MS,
      },
    );
    worker.on("error", () => undefined);
    return { queue, worker };
  });
  await Promise.all(opened.map(async ({ worker }) => await worker.waitUntilReady()));
  return {
    async close() {
      await Promise.all(opened.map(async ({ worker }) => await worker.close()));
      await Promise.all(opened.map(async ({ queue }) => await queue.close()));
    },
  };
}

interface Handling {
  readonly queue: Queue<Stage>;
  readonly markFor: MarkFor;
  readonly isChained: boolean;
}

async function handle({ data }: Job<Stage>, { queue, markFor, isChained }: Handling) {
  const mark = markFor(data.id);
  const { program, step } = data;
  const next: Stage = { ...data, step: step + 1 };
  if (isChained && step < program.count) {
    await queue.add("job", next, { jobId: `${data.id}.${next.step}` });
    return null;
  }
  if (program.name === "sleeper" && step === 1) {
    mark("waiting");
    await queue.add("job", { ...next, dueAt: Date.now() + program.ms }, { delay: program.ms });
    return null;
  }
  if (program.name === "waiter" && step === 1) {
    mark("waiting");
    return null;
  }
  if (program.name === "slow") {
    mark("begun");
    await delay(program.ms * program.count);
  }
  if (data.dueAt !== undefined) mark("woken", Date.now() - data.dueAt);
  if (program.name === "waiter") mark("woken");
  mark("ended");
  return null;
}

async function connectClient(place: Place, isChained: boolean): Promise<EngineClient> {
  const opened = place.workflows.map((name) => ({
    queue: openQueue(place, name),
    listener: new CompletionListener(place, name),
  }));
  await Promise.all(opened.map(async ({ queue }) => await queue.waitUntilReady()));
  const of = (run: Run) => workflowOf(opened, run);
  return {
    async start(runs) {
      const [only] = runs;
      if (only && runs.length === 1) {
        const { queue, listener } = of(only);
        await listener.expect(`${only.id}.${isChained ? only.program.count : 1}`);
        await queue.add("job", stageOf(only), optionsOf(only));
        return;
      }
      for (const each of opened) {
        const own = runs.filter((run) => of(run) === each);
        const jobs = own.map((run) => ({ name: "job", data: stageOf(run), opts: optionsOf(run) }));
        if (jobs.length > 0) await each.queue.addBulk(jobs);
      }
    },
    async result(run) {
      const { queue, listener } = of(run);
      const completion = listener.take(`${run.id}.${isChained ? run.program.count : 1}`);
      if (completion) return await completion;
      while ((await queue.getJobCountByTypes("active", "wait", "delayed")) > 0) await delay(5);
      return null;
    },
    async sendEvent(run) {
      await of(run).queue.add("job", { ...stageOf(run), step: 2 });
    },
    async close() {
      for (const { queue, listener } of opened) {
        await listener.close();
        await queue.close();
      }
    },
  };
}

/** Hears of the end of jobs as `waitUntilFinished` does, from the events; opened when first asked. */
class CompletionListener {
  readonly #place: Place;
  readonly #queue: string;
  readonly #waiting = new Map<string, PromiseWithResolvers>();
  #events: QueueEvents | undefined;

  constructor(place: Place, queue: string) {
    this.#place = place;
    this.#queue = queue;
  }

  async expect(jobId: string): Promise<void> {
    this.#waiting.set(jobId, promiseWithResolvers());
    if (this.#events !== undefined) return;
    this.#events = new QueueEvents(QUEUE, connectionOf(this.#place, this.#queue));
    this.#events.on("error", () => undefined);
    this.#events.on("completed", ({ jobId: id }) => this.#waiting.get(id)?.resolve());
    await this.#events.waitUntilReady();
  }

  take(jobId: string): Promise<void> | undefined {
    const waiting = this.#waiting.get(jobId);
    return waiting?.promise.finally(() => this.#waiting.delete(jobId));
  }

  async close(): Promise<void> {
    await this.#events?.close();
  }
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function promiseWithResolvers(): PromiseWithResolvers {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

function openQueue(place: Place, name: string): Queue<Stage> {
  const queue = new Queue<Stage>(QUEUE, {
    ...connectionOf(place, name),
    defaultJobOptions: JOB_OPTIONS,
  });
  queue.on("error", () => undefined);
  return queue;
}

/** The hash tag keeps a queue on one node, as BullMQ asks for in a cluster. */
function connectionOf(
  { url, clusterPorts }: Place,
  name: string,
): {
  connection: ConnectionOptions;
  prefix: string;
} {
  const prefix = `{bw:${name}:0}`;
  if (clusterPorts === undefined) {
    return { connection: { url, maxRetriesPerRequest: null }, prefix };
  }
  const nodes = clusterPorts.map((port) => ({ host: "127.0.0.1", port }));
  return {
    connection: new Cluster(nodes, { redisOptions: { maxRetriesPerRequest: null } }),
    prefix,
  };
}

function stageOf(run: Run): Stage {
  return { ...run, step: 1 };
}

function optionsOf({ id }: Run): JobsOptions {
  return { jobId: `${id}.1` };
}

/**
 * One engine, running: its store, its worker processes and a client process.
 *
 * Workloads speak to this alone. What it measures, it reads from the operating system and from Redis,
 * before and after.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Agent } from "./agents/rpc.ts";
import type { ClientMethods, Group, LoneRuns, Span } from "./agents/client.ts";
import type { Marked } from "./agents/marks.ts";
import { now } from "./agents/marks.ts";
import type { WorkerMethods } from "./agents/worker.ts";
import { difference } from "./costs.ts";
import type { Costs } from "./costs.ts";
import { readCpuMs } from "./cpu.ts";
import type { Place } from "./engine.ts";
import type { EngineName } from "./engines/index.ts";
import type { Store } from "./stores/store.ts";

/** However slow an engine is, nothing is waited for longer than this. */
const DEADLINE_MS = 60_000;

const POLL_MS = 10;
/** A process that used less than this share of a core in a pause is done with what it was told. */
const QUIET_SHARE = 0.1;
const QUIET_PAUSE_MS = 100;
const QUIET_PAUSES = 20;
/** What an engine does at its end is not measured. */
const CLOSE_WITHIN_MS = 2_000;

/** Something took longer than a workload waits for it. */
class TooSlowError extends Error {
  override readonly name = "TooSlowError";
}

export class Session {
  readonly engine: EngineName;
  readonly store: Store;
  readonly #place: Place;
  readonly #client: Agent<ClientMethods>;
  readonly #workers: Agent<WorkerMethods>[] = [];
  #groups = 0;
  #closed: Promise<void> | undefined;

  private constructor(engine: EngineName, store: Store, workflows: readonly string[]) {
    this.engine = engine;
    this.store = store;
    this.#place = { ...store.address, workflows };
    this.#client = new Agent<ClientMethods>(new URL("agents/client.ts", import.meta.url));
  }

  static async open(
    engine: EngineName,
    store: Store,
    { workers, workflows }: { workers: number; workflows: readonly string[] },
  ): Promise<Session> {
    const session = new Session(engine, store, workflows);
    try {
      // One after the other: the first may have to lay out the store.
      for (let i = 0; i < workers; i++) await session.addWorker();
      await session.#client.ask("open", { engine, place: session.#place });
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Runs of one program, under ids that no other group of this session has. */
  group(program: Group["program"], count: number): Group {
    return { prefix: `g${++this.#groups}`, count, program };
  }

  async addWorker(): Promise<void> {
    const worker = new Agent<WorkerMethods>(new URL("agents/worker.ts", import.meta.url));
    this.#workers.push(worker);
    await worker.ask("open", { engine: this.engine, place: this.#place });
  }

  /** Ends the oldest worker as a crash would; tells when. */
  killWorker(): number {
    this.#workers.shift()?.kill();
    return now();
  }

  async start(group: Group): Promise<Span> {
    return await inTime(this.#client.ask("start", group));
  }

  async lone(group: Group): Promise<LoneRuns> {
    return await inTime(this.#client.ask("lone", group));
  }

  async send(group: Group, events: number): Promise<Span> {
    return await inTime(this.#client.ask("send", { group, events }));
  }

  async results(group: Group, last: number): Promise<readonly unknown[]> {
    return await inTime(this.#client.ask("results", { group, last }));
  }

  /**
   * Waits until all runs of a group have left a mark; tells all of them.
   *
   * @throws {@link TooSlowError}
   */
  async untilMarked(
    group: Group,
    label: string,
    withinMs: number = DEADLINE_MS,
  ): Promise<readonly Marked[]> {
    const deadline = Date.now() + withinMs;
    const point = { prefix: group.prefix, label };
    for (;;) {
      const counts = await this.#askWorkers(async (worker) => await worker.ask("count", point));
      const count = counts.reduce((sum, each) => sum + each, 0);
      // Several workers may have marked the same run.
      const marked = count < group.count ? [] : await this.marked(group, label);
      if (marked.length >= group.count) return marked;
      if (Date.now() > deadline) {
        const seconds = Math.round(withinMs / 1_000);
        throw new TooSlowError(`over ${seconds} s (${count} of ${group.count} ${label})`);
      }
      await delay(POLL_MS);
    }
  }

  /** The marks of a group, each run's first. */
  async marked({ prefix }: Group, label: string): Promise<readonly Marked[]> {
    const point = { prefix, label };
    const lists = await this.#askWorkers(async (worker) => await worker.ask("list", point));
    const byId = new Map<string, Marked>();
    for (const mark of lists.flat().toSorted((a, b) => a.at - b.at)) {
      if (!byId.has(mark.id)) byId.set(mark.id, mark);
    }
    return [...byId.values()];
  }

  async clearMarks(): Promise<void> {
    await this.#askWorkers(async (worker) => await worker.ask("clear", undefined));
  }

  /** What it costs to do something, until workers and store have come to rest again. */
  async cost<T>(act: () => Promise<T>): Promise<{ costs: Costs; value: T }> {
    const before = await this.#read();
    const value = await act();
    await this.untilQuiet();
    return { costs: difference(before, await this.#read()), value };
  }

  async untilQuiet(): Promise<void> {
    let before = await this.#readBusy();
    for (let i = 0; i < QUIET_PAUSES; i++) {
      await delay(QUIET_PAUSE_MS);
      const after = await this.#readBusy();
      if (after.cpuMs - before.cpuMs < QUIET_SHARE * (after.at - before.at)) return;
      before = after;
    }
  }

  /** Once, whoever asks for it: an interrupt and a failure may both do. */
  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([
      closeAgent(this.#client, this.#client.ask("close", undefined)),
      ...this.#workers.map(async (worker) => {
        await closeAgent(worker, worker.ask("close", undefined));
      }),
    ]);
    await this.store.stop();
  }

  /** Without Redis's meters, whose reading would count as work. */
  async #readBusy(): Promise<{ at: number; cpuMs: number }> {
    const [usages, storeCpuMs = 0] = await Promise.all([
      this.#askWorkers(async (worker) => await worker.ask("usage", undefined)),
      readCpuMs(this.store.pids),
    ]);
    const cpuMs = usages.reduce((sum, usage) => sum + usage.cpuMs, storeCpuMs);
    return { at: performance.now(), cpuMs };
  }

  async #read(): Promise<Costs> {
    const [client, workers, storeCpuMs, redis] = await Promise.all([
      this.#client.ask("usage", undefined),
      this.#askWorkers(async (worker) => await worker.ask("usage", undefined)),
      readCpuMs(this.store.pids),
      this.store.readMeters(),
    ]);
    return {
      clientCpuMs: client.cpuMs,
      workerCpuMs: workers.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      workerBytes: workers.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      storeCpuMs,
      redis,
    };
  }

  async #askWorkers<T>(ask: (worker: Agent<WorkerMethods>) => Promise<T>): Promise<T[]> {
    return await Promise.all(this.#workers.map(ask));
  }
}

/** @throws {@link TooSlowError} */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const tooSlow = delay(DEADLINE_MS, undefined, { signal: answered.signal }).then(() => {
    throw new TooSlowError(`over ${DEADLINE_MS / 1_000} s`);
  });
  // When it is late, the session is closed, and with it fails what nobody waits for any more.
  answer.catch(() => undefined);
  return await Promise.race([answer, tooSlow]).finally(() => answered.abort());
}

async function closeAgent(agent: { stop(): Promise<void> }, closed: Promise<void>): Promise<void> {
  await Promise.race([closed.catch(() => undefined), delay(CLOSE_WITHIN_MS)]);
  await agent.stop();
}

/**
 * What is done to many of a workflow's instances in the background.
 *
 * A job stands in the namespace's directory, held by the server that does it, with how far it has come. One
 * whose server died, or lost its Redis for a while, is adopted by any other, which goes on from there, so
 * that a job that was begun is also ended. What is done to an instance twice by that has to be harmless, or
 * be said to be possible.
 */
import { randomUUID } from "node:crypto";
import type { BeginJobOutcome, Job, Namespace } from "bullmq-workflows/internal";
import { takeBulkTurn } from "./jobs/bulk.ts";
import { clearing } from "./jobs/clearing.ts";
import type { JobScope } from "./jobs/clearing.ts";
import type { Turn } from "./jobs/turn.ts";

const LEASE_MS = 30_000;

/** How often a server looks for jobs that others left behind. */
const ADOPT_EVERY_MS = 10_000;

const TURNS: Readonly<Record<Job["kind"], Turn>> = {
  terminate: clearing(async (instance) => await instance.terminate()),
  delete: clearing(async (instance) => await instance.delete()),
  bulk: takeBulkTurn,
};

export interface JobsParts {
  readonly namespace: Namespace;
  readonly onError: (error: unknown) => void;
}

export class Jobs {
  readonly #parts: JobsParts;
  readonly #holder = randomUUID();
  readonly #running = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  /** Ends the waits between turns. */
  readonly #wakers = new Set<() => void>();
  #isClosing = false;

  constructor(parts: JobsParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.#adopt(), ADOPT_EVERY_MS);
    this.#timer.unref();
    void this.#adopt();
  }

  /** Begins to terminate or delete all of a scope, and answers whether that was not under way already. */
  async begin(kind: "terminate" | "delete", workflow: string, scope: JobScope): Promise<boolean> {
    const job = { kind, workflow, detail: JSON.stringify(scope) };
    return (await this.beginJob(job)) === "begun";
  }

  /** @param limit how many of the kind may be under way. @defaultValue any number */
  async beginJob(job: Job, limit?: number): Promise<BeginJobOutcome> {
    const hold = { ...this.#hold, ...(limit !== undefined && { limit }) };
    const outcome = await this.#directory.beginJob(job, hold);
    if (outcome === "begun") this.#start(job);
    return outcome;
  }

  /** Resolves when nothing is under way here, which takes as long as it takes. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** What is under way is left for others to adopt. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const wake of this.#wakers) wake();
    clearInterval(this.#timer);
    await Promise.all(this.#running);
  }

  get #directory(): Namespace["directory"] {
    return this.#parts.namespace.directory;
  }

  get #hold(): { readonly holder: string; readonly leaseMs: number } {
    return { holder: this.#holder, leaseMs: LEASE_MS };
  }

  async #adopt(): Promise<void> {
    try {
      const job = await this.#directory.adoptJob(this.#hold);
      if (job && !this.#isClosing) this.#start(job);
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  #start(job: Job): void {
    const run = this.#run(job)
      // Its hold runs out, and somebody adopts it.
      .catch((error: unknown) => this.#parts.onError(error))
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #run(begun: Job): Promise<void> {
    const { namespace } = this.#parts;
    const opened = namespace.open({ name: begun.workflow, settings: SETTINGS });
    let job = begun;
    for (;;) {
      const { isDone, detail, waitMs = 0 } = await TURNS[job.kind](opened, job);
      job = { ...job, detail };
      if (isDone) break;
      // A server that closes lets go of it, so that another one goes on at once.
      const hold = this.#isClosing ? { ...this.#hold, leaseMs: 0 } : this.#hold;
      if (!(await this.#directory.renewJob(job, hold)) || this.#isClosing) return;
      if (waitMs > 0) await this.#wait(waitMs);
    }
    await this.#directory.endJob(job, this.#holder);
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wakers.add(wake);
    });
  }
}

/** Of no importance to what jobs do. */
const SETTINGS = { className: "", scriptName: "" };

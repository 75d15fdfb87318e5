/**
 * What is done to all of a workflow's instances in the background: terminating them, deleting them.
 *
 * A job stands in the namespace's directory, held by the server that does it. One whose server died, or
 * lost its Redis for a while, is adopted by any other, so that a job that was begun is also ended. It goes
 * by what there is to be done, not by what was done, so doing it again from the beginning is harmless.
 */
import { randomUUID } from "node:crypto";
import type { Job, ListRequest, Namespace, OpenWorkflow } from "bullmq-workflows/internal";

const LEASE_MS = 30_000;

/** How often a server looks for jobs that others left behind. */
const ADOPT_EVERY_MS = 10_000;

/** Instances at once. */
const BATCH = 100;

/** Which instances a job is about. */
export type JobScope = Pick<ListRequest, "statuses" | "createdTo">;

export interface JobsParts {
  readonly namespace: Namespace;
  readonly onError: (error: unknown) => void;
}

export class Jobs {
  readonly #parts: JobsParts;
  readonly #holder = randomUUID();
  readonly #running = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #isClosing = false;

  constructor(parts: JobsParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.#adopt(), ADOPT_EVERY_MS);
    this.#timer.unref();
    void this.#adopt();
  }

  /** Begins it, and answers whether it was not under way already. */
  async begin(kind: Job["kind"], workflow: string, scope: JobScope): Promise<boolean> {
    const job = { kind, workflow, detail: JSON.stringify(scope) };
    const isBegun = await this.#directory.beginJob(job, this.#hold);
    if (isBegun) this.#start(job);
    return isBegun;
  }

  /** Resolves when nothing is under way here, which takes as long as it takes. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** What is under way is left for others to adopt. */
  async close(): Promise<void> {
    this.#isClosing = true;
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

  async #run(job: Job): Promise<void> {
    const { namespace } = this.#parts;
    const opened = namespace.open({ name: job.workflow, settings: SETTINGS });
    const scope = JSON.parse(job.detail) as JobScope;
    for (;;) {
      const { instances } = await opened.store.list({ ...scope, limit: BATCH });
      if (instances.length === 0) break;
      await Promise.all(instances.map(async ({ id }) => await apply(job.kind, opened, id)));
      // A server that closes lets go of it, so that another one goes on at once.
      const hold = this.#isClosing ? { ...this.#hold, leaseMs: 0 } : this.#hold;
      if (!(await this.#directory.renewJob(job, hold)) || this.#isClosing) return;
    }
    await this.#directory.endJob(job, this.#holder);
  }
}

/** Of no importance to what jobs do. */
const SETTINGS = { className: "", scriptName: "" };

/** Whoever is gone or has ended meanwhile needs nothing done. */
async function apply(kind: Job["kind"], { workflow }: OpenWorkflow, id: string): Promise<void> {
  try {
    const instance = await workflow.get(id);
    await (kind === "delete" ? instance.delete() : instance.terminate());
  } catch (error) {
    if (!isOver(error)) throw error;
  }
}

function isOver(error: unknown): boolean {
  const code = (error as { readonly code?: unknown }).code;
  return code === "instance.not_found" || code === "instance.cannot_terminate";
}

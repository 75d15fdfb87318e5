/** The directory of one namespace, in memory. Those who share one share it. */
import type {
  Announcement,
  BeginJobOutcome,
  Directory,
  ForgottenWorkflow,
  Job,
  JobBeginning,
  JobHold,
  JobName,
  JobReport,
  LiveWorker,
  WorkerPresence,
  WorkflowRecord,
} from "../engine/ports/directory.ts";
import type { Clock } from "../engine/ports/clock.ts";

const MAX_REPORTS = 100;

interface HeldJob {
  job: Job;
  holder: string;
  heldUntil: number;
}

export class MemoryDirectory implements Directory {
  readonly #clock: Pick<Clock, "now">;
  readonly #workflows = new Map<string, WorkflowRecord>();
  /** Since when. */
  readonly #forgotten = new Map<string, number>();
  readonly #jobs = new Map<string, HeldJob>();
  readonly #reports = new Map<string, readonly JobReport[]>();
  readonly #workers = new Map<string, { readonly worker: LiveWorker; readonly until: number }>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  async announce(announcement: Announcement): Promise<WorkflowRecord> {
    const { name, settings, id, versionId, renews } = announcement;
    const known = this.#workflows.get(name);
    const isSame = known && JSON.stringify(known.settings) === JSON.stringify(settings);
    if (known && (renews === "never" || (renews === "changed" && isSame))) return known;
    const modifiedAt = this.#clock.now();
    const record = {
      name,
      id: known?.id ?? id,
      versionId,
      createdAt: known?.createdAt ?? modifiedAt,
      modifiedAt,
      settings,
    };
    this.#workflows.set(name, record);
    this.#forgotten.delete(name);
    return record;
  }

  async workflow(name: string): Promise<WorkflowRecord | undefined> {
    return this.#workflows.get(name);
  }

  async workflows(): Promise<readonly WorkflowRecord[]> {
    return [...this.#workflows.values()];
  }

  async forget(name: string): Promise<boolean> {
    const wasKnown = this.#workflows.delete(name);
    if (wasKnown) this.#forgotten.set(name, this.#clock.now());
    return wasKnown;
  }

  async forgotten(): Promise<readonly ForgottenWorkflow[]> {
    const now = this.#clock.now();
    return [...this.#forgotten].map(([name, at]) => ({ name, ageMs: now - at }));
  }

  async dropForgotten(names: readonly string[]): Promise<void> {
    for (const name of names) this.#forgotten.delete(name);
  }

  async appear(presence: WorkerPresence, ttlMs: number): Promise<void> {
    const now = this.#clock.now();
    const worker = { ...structuredClone(presence), heardAt: now };
    this.#workers.set(presence.id, { worker, until: now + ttlMs });
  }

  async disappear(workerId: string): Promise<void> {
    this.#workers.delete(workerId);
  }

  async workers(): Promise<readonly LiveWorker[]> {
    const now = this.#clock.now();
    return [...this.#workers.values()]
      .filter(({ until }) => until > now)
      .map(({ worker }) => worker);
  }

  async beginJob(job: Job, { limit = Infinity, ...hold }: JobBeginning): Promise<BeginJobOutcome> {
    if (this.#jobs.has(keyOf(job))) return "running";
    const alike = [...this.#jobs.values()].filter(
      (held) => held.job.kind === job.kind && held.job.workflow === job.workflow,
    );
    if (alike.length >= limit) return "full";
    this.#jobs.set(keyOf(job), { job, ...this.#hold(hold) });
    return "begun";
  }

  async renewJob(job: Job, hold: JobHold): Promise<boolean> {
    const held = this.#jobs.get(keyOf(job));
    if (held?.holder !== hold.holder) return false;
    Object.assign(held, { job: { ...held.job, detail: job.detail } }, this.#hold(hold));
    return true;
  }

  async adoptJob(hold: JobHold): Promise<Job | undefined> {
    const now = this.#clock.now();
    const orphan = [...this.#jobs.values()].find(({ heldUntil }) => heldUntil < now);
    if (orphan) Object.assign(orphan, this.#hold(hold));
    return orphan?.job;
  }

  async endJob(job: Job, holder: string): Promise<void> {
    if (this.#jobs.get(keyOf(job))?.holder !== holder) return;
    this.#jobs.delete(keyOf(job));
    this.#keepReport(job, "complete");
  }

  async cancelJob(name: JobName): Promise<boolean> {
    const held = this.#jobs.get(keyOf(name));
    if (!held) return false;
    this.#jobs.delete(keyOf(name));
    this.#keepReport(held.job, "cancelled");
    return true;
  }

  async jobReports(workflow: string): Promise<readonly JobReport[]> {
    const running = [...this.#jobs.values()].flatMap(({ job }) => {
      if (job.id === undefined || job.workflow !== workflow) return [];
      return [{ id: job.id, state: "running" as const, detail: job.detail }];
    });
    const ended = this.#reports.get(workflow) ?? [];
    return [...running, ...ended].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  #keepReport({ id, workflow, detail }: Job, state: JobReport["state"]): void {
    if (id === undefined) return;
    const report = { id, state, endedAt: this.#clock.now(), detail };
    const all = [...(this.#reports.get(workflow) ?? []), report];
    this.#reports.set(workflow, all.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(-MAX_REPORTS));
  }

  #hold({ holder, leaseMs }: JobHold): Pick<HeldJob, "holder" | "heldUntil"> {
    return { holder, heldUntil: this.#clock.now() + leaseMs };
  }
}

function keyOf({ kind, workflow, id }: JobName): string {
  return `${kind} ${workflow} ${id}`;
}

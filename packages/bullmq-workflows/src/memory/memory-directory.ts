/** The directory of one namespace, in memory. Those who share one share it. */
import type { Announcement, Directory, Job, JobHold, WorkflowRecord } from "../engine/directory.ts";
import type { Clock } from "../engine/ports.ts";

interface HeldJob {
  readonly job: Job;
  holder: string;
  heldUntil: number;
}

export class MemoryDirectory implements Directory {
  readonly #clock: Pick<Clock, "now">;
  readonly #workflows = new Map<string, WorkflowRecord>();
  readonly #jobs = new Map<string, HeldJob>();

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
    return record;
  }

  async workflow(name: string): Promise<WorkflowRecord | undefined> {
    return this.#workflows.get(name);
  }

  async workflows(): Promise<readonly WorkflowRecord[]> {
    return [...this.#workflows.values()];
  }

  async forget(name: string): Promise<boolean> {
    return this.#workflows.delete(name);
  }

  async beginJob(job: Job, hold: JobHold): Promise<boolean> {
    if (this.#jobs.has(keyOf(job))) return false;
    this.#jobs.set(keyOf(job), { job, ...this.#hold(hold) });
    return true;
  }

  async renewJob(job: Job, hold: JobHold): Promise<boolean> {
    const held = this.#jobs.get(keyOf(job));
    if (held?.holder !== hold.holder) return false;
    Object.assign(held, this.#hold(hold));
    return true;
  }

  async adoptJob(hold: JobHold): Promise<Job | undefined> {
    const now = this.#clock.now();
    const orphan = [...this.#jobs.values()].find(({ heldUntil }) => heldUntil < now);
    if (orphan) Object.assign(orphan, this.#hold(hold));
    return orphan?.job;
  }

  async endJob(job: Job, holder: string): Promise<void> {
    if (this.#jobs.get(keyOf(job))?.holder === holder) this.#jobs.delete(keyOf(job));
  }

  #hold({ holder, leaseMs }: JobHold): Pick<HeldJob, "holder" | "heldUntil"> {
    return { holder, heldUntil: this.#clock.now() + leaseMs };
  }
}

function keyOf({ kind, workflow }: Job): string {
  return `${kind} ${workflow}`;
}

/**
 * What is known of a namespace beside its instances: which workflows there are, and what is being done to
 * many instances at once. Programs that run no workflow themselves, such as a server, learn it here.
 *
 * It is written when somebody registers a workflow, never when an instance is created.
 */
import type { Retention } from "./instances.ts";

/** How a workflow is set up, as whoever registered it last has said. */
export interface WorkflowSettings {
  /** The class whose `run` it is. */
  readonly className: string;
  /** The program that has the class. */
  readonly scriptName: string;
  /** `step.do` calls that one run may make. */
  readonly stepLimit?: number;
  /** Instances that may run at once; absent for no limit. */
  readonly concurrencyLimit?: number;
  /** For instances that do not say. */
  readonly retention?: Partial<Retention>;
  /** Paths of the fields of params by which its instances can be found. */
  readonly searchable?: readonly string[];
}

export interface Announcement {
  readonly name: string;
  readonly settings: WorkflowSettings;
  /** Becomes the workflow's id if it is not known yet. */
  readonly id: string;
  /** Becomes the id of its version, if this makes one. */
  readonly versionId: string;
  /**
   * When it makes a version of a known workflow: `always`, when its settings are others (`changed`), or
   * `never`, for who only means to use it.
   */
  readonly renews: "always" | "changed" | "never";
}

/** A known workflow. Instants are of the store's clock. */
export interface WorkflowRecord {
  readonly name: string;
  readonly id: string;
  readonly versionId: string;
  readonly createdAt: number;
  /** When its version was made. */
  readonly modifiedAt: number;
  readonly settings: WorkflowSettings;
}

/** A workflow that was known. */
export interface ForgottenWorkflow {
  readonly name: string;
  /** How long ago it was forgotten. */
  readonly ageMs: number;
}

/** A process that runs workflows, as it said last. */
export interface WorkerPresence {
  /** As in the record of an instance that it runs. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** By its own clock. */
  readonly startedAt: number;
  readonly workflows: readonly WorkerLoad[];
}

/** What a worker has of one workflow. */
export interface WorkerLoad {
  readonly name: string;
  /** The version that its code is, if it is known. */
  readonly versionId?: string;
  /** Instances that it runs at once. */
  readonly concurrency: number;
  /** Instances that it runs now. */
  readonly active: number;
}

export interface LiveWorker extends WorkerPresence {
  /** When it said so, by the store's clock. */
  readonly heardAt: number;
}

/** Something that is done to many of a workflow's instances, by one process at a time. */
export interface Job {
  readonly workflow: string;
  readonly kind: "terminate" | "delete" | "bulk";
  /**
   * Tells it from others of its kind, of which there may be several then, and it leaves a report. One that
   * began later has a higher one. Without spaces.
   */
  readonly id?: string;
  /** What else who does it has to know, and how far it has come. Opaque here. */
  readonly detail: string;
  /** What it is done with, which does not change and is not kept when it ends: the payload of an event. */
  readonly material?: string;
}

export type JobName = Pick<Job, "workflow" | "kind" | "id">;

/** What is known of a job that has an id. Of those of a workflow that ended, the last 100 are kept for a week. */
export interface JobReport {
  readonly id: string;
  readonly state: "running" | "complete" | "cancelled";
  /** By the store's clock. */
  readonly endedAt?: number;
  readonly detail: string;
}

/** Who holds a job, and until when nobody else may take it. */
export interface JobHold {
  readonly holder: string;
  readonly leaseMs: number;
}

export interface JobBeginning extends JobHold {
  /** Jobs of the kind that a workflow may have under way at the same time. @defaultValue any number */
  readonly limit?: number;
}

/** `running`: one of this name is under way. `full`: as many of its kind are as there may be. */
export type BeginJobOutcome = "begun" | "running" | "full";

export interface Directory {
  /** Makes a workflow known, or says what is known of it. Harmless to repeat unless it renews `always`. */
  announce(announcement: Announcement): Promise<WorkflowRecord>;
  workflow(name: string): Promise<WorkflowRecord | undefined>;
  workflows(): Promise<readonly WorkflowRecord[]>;
  /** Its instances stay until they are deleted. Answers whether it was known. */
  forget(name: string): Promise<boolean>;
  /** Those that were, whose outboxes may not be empty yet; at most the last 10,000. */
  forgotten(): Promise<readonly ForgottenWorkflow[]>;
  /** There is nothing left in the outboxes of these. */
  dropForgotten(names: readonly string[]): Promise<void>;

  /** Makes a worker known for so long, or renews what is known of it. */
  appear(presence: WorkerPresence, ttlMs: number): Promise<void>;
  disappear(workerId: string): Promise<void>;
  /** At most 1,000 of those that were heard of lately. */
  workers(): Promise<readonly LiveWorker[]>;

  /** Nothing is begun unless that is the answer. */
  beginJob(job: Job, hold: JobBeginning): Promise<BeginJobOutcome>;
  /** Prolongs the hold and keeps the detail; answers false when somebody else has the job, or it was ended. */
  renewJob(job: Job, hold: JobHold): Promise<boolean>;
  /** Takes over one job whose holder has been silent for longer than his lease. */
  adoptJob(hold: JobHold): Promise<Job | undefined>;
  /** Changes nothing when somebody else has the job. */
  endJob(job: Job, holder: string): Promise<void>;
  /** Takes it away from whoever has it; answers whether it was under way. */
  cancelJob(job: JobName): Promise<boolean>;
  /** The jobs of a workflow that have an id, in the order in which they began. */
  jobReports(workflow: string): Promise<readonly JobReport[]>;
}

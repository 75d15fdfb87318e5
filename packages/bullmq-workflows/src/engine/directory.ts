/**
 * What is known of a namespace beside its instances: which workflows there are, and what is being done to
 * many instances at once. Programs that run no workflow themselves, such as a server, learn it here.
 *
 * It is written when somebody registers a workflow, never when an instance is created.
 */
import type { Retention } from "./ports.ts";

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

/** Something that is done to all of a workflow's instances, by one process at a time. */
export interface Job {
  readonly workflow: string;
  readonly kind: "terminate" | "delete";
  /** What else who does it has to know. Opaque here. */
  readonly detail: string;
}

/** Who holds a job, and until when nobody else may take it. */
export interface JobHold {
  readonly holder: string;
  readonly leaseMs: number;
}

export interface Directory {
  /** Makes a workflow known, or says what is known of it. Harmless to repeat unless it renews `always`. */
  announce(announcement: Announcement): Promise<WorkflowRecord>;
  workflow(name: string): Promise<WorkflowRecord | undefined>;
  workflows(): Promise<readonly WorkflowRecord[]>;
  /** Its instances stay until they are deleted. Answers whether it was known. */
  forget(name: string): Promise<boolean>;

  /** Answers false when a job of this kind is under way for the workflow: then nothing is begun. */
  beginJob(job: Job, hold: JobHold): Promise<boolean>;
  /** Prolongs the hold; answers false when somebody else has the job, or it was ended. */
  renewJob(job: Job, hold: JobHold): Promise<boolean>;
  /** Takes over one job whose holder has been silent for longer than his lease. */
  adoptJob(hold: JobHold): Promise<Job | undefined>;
  /** Changes nothing when somebody else has the job. */
  endJob(job: Job, holder: string): Promise<void>;
}

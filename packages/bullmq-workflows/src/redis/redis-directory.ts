/** The directory on Redis: one method per verb, one script per method. See docs/store.md for its keys. */
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
  WorkflowSettings,
} from "../engine/ports/directory.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { RedisClient } from "./script-runner.ts";
import type { Reply } from "./script.ts";
import * as scripts from "./scripts.generated.ts";

const WORKER_LIMIT = 1_000;

export class RedisDirectory implements Directory {
  readonly #scripts: ScriptRunner;

  /** @param tag The hash tag of the namespace, braces included. */
  constructor(client: RedisClient, tag: string) {
    this.#scripts = new ScriptRunner(client, tag);
  }

  async announce({ settings, ...rest }: Announcement): Promise<WorkflowRecord> {
    const args = { ...rest, settings: JSON.stringify(settings) };
    const [, ...fields] = await this.#scripts.run(scripts.announceWorkflow, args);
    return toRecord(rest.name, fields.map(String));
  }

  async workflow(name: string): Promise<WorkflowRecord | undefined> {
    const [record] = await this.#read([name]);
    return record;
  }

  async workflows(): Promise<readonly WorkflowRecord[]> {
    return await this.#read([]);
  }

  async forget(name: string): Promise<boolean> {
    const [outcome] = await this.#scripts.run(scripts.forgetWorkflow, { name });
    return outcome === "forgotten";
  }

  async forgotten(): Promise<readonly ForgottenWorkflow[]> {
    const [, ...reply] = await this.#scripts.run(scripts.readForgotten, {});
    return toPairs(reply).map(([name, ageMs]) => ({ name, ageMs: Number(ageMs) }));
  }

  async dropForgotten(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#scripts.run(scripts.dropForgotten, { names });
  }

  async appear(presence: WorkerPresence, ttlMs: number): Promise<void> {
    const args = { worker: presence.id, text: JSON.stringify(presence), ttlMs };
    await this.#scripts.run(scripts.appearWorker, args);
  }

  async disappear(workerId: string): Promise<void> {
    await this.#scripts.run(scripts.forgetWorker, { worker: workerId });
  }

  async workers(): Promise<readonly LiveWorker[]> {
    const [, ...texts] = await this.#scripts.run(scripts.readWorkers, { limit: WORKER_LIMIT });
    return texts.map(String).map((text) => {
      const end = text.indexOf(" ");
      const presence = JSON.parse(text.slice(end + 1)) as WorkerPresence;
      return { ...presence, heardAt: Number(text.slice(0, end)) };
    });
  }

  async beginJob(job: Job, { limit, ...hold }: JobBeginning): Promise<BeginJobOutcome> {
    const { kind, workflow, detail, material } = job;
    const args = {
      ...hold,
      job: toField(job),
      detail,
      material: material === undefined ? [] : [material],
      prefix: `${kind} ${workflow} `,
      limit: limit ?? "",
    };
    const [outcome] = await this.#scripts.run(scripts.beginJob, args);
    return outcome as BeginJobOutcome;
  }

  async renewJob(job: Job, hold: JobHold): Promise<boolean> {
    const args = { ...hold, job: toField(job), detail: job.detail };
    const [outcome] = await this.#scripts.run(scripts.renewJob, args);
    return outcome === "renewed";
  }

  async adoptJob(hold: JobHold): Promise<Job | undefined> {
    const [outcome, field, detail, material] = await this.#scripts.run(scripts.adoptJob, hold);
    if (outcome !== "adopted") return undefined;
    return {
      ...fromField(String(field)),
      detail: String(detail),
      ...(typeof material === "string" && { material }),
    };
  }

  async endJob(job: Job, holder: string): Promise<void> {
    const { workflow, id = "", detail } = job;
    await this.#scripts.run(scripts.endJob, { job: toField(job), holder, workflow, id, detail });
  }

  async cancelJob(job: JobName): Promise<boolean> {
    const args = { job: toField(job), workflow: job.workflow, id: job.id ?? "" };
    const [outcome] = await this.#scripts.run(scripts.cancelJob, args);
    return outcome === "cancelled";
  }

  async jobReports(workflow: string): Promise<readonly JobReport[]> {
    const [, jobs, reports] = await this.#scripts.run(scripts.readReports, { workflow });
    const running = toPairs(jobs as readonly Reply[]).flatMap(([field, text]) => {
      const { id, ...name } = fromField(field);
      if (id === undefined || name.workflow !== workflow) return [];
      return [{ id, state: "running" as const, detail: text.split(" ").slice(2).join(" ") }];
    });
    const ended = toPairs(reports as readonly Reply[]).map(([id, text]) => toReport(id, text));
    return [...running, ...ended].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  async #read(names: readonly string[]): Promise<readonly WorkflowRecord[]> {
    const [, ...reply] = await this.#scripts.run(scripts.readWorkflows, { names });
    return toPairs(reply).map(([name, text]) => {
      const [createdAt, modifiedAt, id, versionId, ...settings] = text.split(" ");
      return toRecord(name, [createdAt, modifiedAt, id, versionId, settings.join(" ")].map(String));
    });
  }
}

/** Texts that follow each other, two by two. */
export function toPairs(reply: readonly Reply[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at < reply.length; at += 2) {
    pairs.push([String(reply[at]), String(reply[at + 1])]);
  }
  return pairs;
}

/** Neither a kind, nor a workflow's name, nor a job's id has a space in it. */
function toField({ kind, workflow, id }: JobName): string {
  return id === undefined ? `${kind} ${workflow}` : `${kind} ${workflow} ${id}`;
}

function fromField(field: string): JobName {
  const [kind, workflow = "", id] = field.split(" ");
  return { kind: kind as Job["kind"], workflow, ...(id !== undefined && { id }) };
}

function toReport(id: string, text: string): JobReport {
  const [state, endedAt, ...detail] = text.split(" ");
  return {
    id,
    state: state as JobReport["state"],
    endedAt: Number(endedAt),
    detail: detail.join(" "),
  };
}

function toRecord(name: string, fields: readonly string[]): WorkflowRecord {
  const [createdAt, modifiedAt, id = "", versionId = "", settings = "{}"] = fields;
  return {
    name,
    id,
    versionId,
    createdAt: Number(createdAt),
    modifiedAt: Number(modifiedAt),
    settings: JSON.parse(settings) as WorkflowSettings,
  };
}

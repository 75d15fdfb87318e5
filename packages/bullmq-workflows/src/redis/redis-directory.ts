/** The directory on Redis: one method per verb, one script per method. See docs/store.md for its keys. */
import type {
  Announcement,
  Directory,
  Job,
  JobHold,
  WorkflowRecord,
  WorkflowSettings,
} from "../engine/directory.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { RedisClient } from "./script-runner.ts";
import type { Reply } from "./script.ts";
import * as scripts from "./scripts.generated.ts";

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

  async beginJob(job: Job, hold: JobHold): Promise<boolean> {
    const args = { ...hold, job: toField(job), detail: job.detail };
    const [outcome] = await this.#scripts.run(scripts.beginJob, args);
    return outcome === "begun";
  }

  async renewJob(job: Job, hold: JobHold): Promise<boolean> {
    const [outcome] = await this.#scripts.run(scripts.renewJob, { ...hold, job: toField(job) });
    return outcome === "renewed";
  }

  async adoptJob(hold: JobHold): Promise<Job | undefined> {
    const [outcome, field, detail] = await this.#scripts.run(scripts.adoptJob, hold);
    if (outcome !== "adopted") return undefined;
    const [kind, workflow = ""] = String(field).split(" ");
    return { kind: kind as Job["kind"], workflow, detail: String(detail) };
  }

  async endJob(job: Job, holder: string): Promise<void> {
    await this.#scripts.run(scripts.endJob, { job: toField(job), holder });
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

/** Neither a kind nor a workflow's name has a space in it. */
function toField({ kind, workflow }: Job): string {
  return `${kind} ${workflow}`;
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

/** The verbs that create instances and tell what they are, on Redis. */
import type { HistoryPage, HistoryRequest, StoredEntry } from "../engine/ports/history.ts";
import type {
  CreateOutcome,
  InstanceRecord,
  InstanceStore,
  NewInstance,
} from "../engine/ports/instances.ts";
import { isSearch } from "../engine/ports/listing.ts";
import type { InstancePage, ListRequest } from "../engine/ports/listing.ts";
import { isFinished, STATUSES } from "../model/status.ts";
import type { InstanceStatus } from "../model/status.ts";
import * as decode from "./decode.ts";
import { decodePage, decodeSearch } from "./decode-list.ts";
import { encodeList, encodeSearch } from "./encode.ts";
import type { GuardedScripts } from "./guarded-scripts.ts";
import type { ScriptRunner } from "./script-runner.ts";
import * as scripts from "./scripts.generated.ts";

export class RedisInstances implements InstanceStore {
  readonly #scripts: ScriptRunner;
  readonly #guarded: GuardedScripts;

  constructor(runner: ScriptRunner, guarded: GuardedScripts) {
    this.#scripts = runner;
    this.#guarded = guarded;
  }

  async create(instances: readonly NewInstance[]): Promise<readonly CreateOutcome[]> {
    return await Promise.all(instances.map((instance) => this.#createOne(instance)));
  }

  async get(instanceId: string): Promise<InstanceRecord | undefined> {
    const record = await this.#scripts.gather(scripts.readInstance, { id: instanceId }, (reply) =>
      reply[0] === "missing" ? undefined : decode.decodeRecord(instanceId, reply),
    );
    if (!record) return undefined;
    // It was announced before anyone could wait for it. Whoever reads it waits instead.
    if (this.#guarded.barrier !== "memory" && isFinished(record.status)) await this.#guarded.hold();
    return record;
  }

  async history(instanceId: string): Promise<readonly StoredEntry[]> {
    const reply = await this.#scripts.run(scripts.readHistory, { id: instanceId });
    return decode.decodeEntries(reply.slice(1));
  }

  async readHistory(request: HistoryRequest): Promise<HistoryPage | undefined> {
    const { instanceId: id, from, limit, watchMs = "" } = request;
    const args = { id, from, limit, watchMs };
    const page = await this.#scripts.gather(scripts.pageHistory, args, (reply) =>
      reply[0] === "missing" ? undefined : decode.decodeHistoryPage(reply),
    );
    if (!page) return undefined;
    // Nobody outside is told of what may yet be lost, where that was asked for.
    if (this.#guarded.barrier !== "memory" && page.entries.length > 0) await this.#guarded.hold();
    return page;
  }

  async counts(): Promise<Readonly<Record<InstanceStatus, number>>> {
    const statuses = STATUSES;
    return decode.decodeCounts(await this.#scripts.run(scripts.countInstances, { statuses }));
  }

  async list(request: ListRequest): Promise<InstancePage> {
    if (isSearch(request)) {
      const found = await this.#scripts.run(scripts.searchInstances, encodeSearch(request));
      return decodeSearch(found, request);
    }
    return decodePage(await this.#scripts.run(scripts.listInstances, encodeList(request)));
  }

  #createOne(instance: NewInstance): Promise<CreateOutcome> {
    const { retention, labels, ...rest } = instance;
    const args = { ...rest, ...retention };
    const { barrier } = this.#guarded;
    if (!labels)
      return this.#guarded.write(scripts.createInstance, args, decode.decodeCreation, barrier);
    const allArgs = { ...args, labels };
    return this.#guarded.write(scripts.createLabelled, allArgs, decode.decodeCreation, barrier);
  }
}

/** A registered workflow as seen from outside: Cloudflare's `Workflow` binding, and what we add to it. */
import {
  InstanceAlreadyExistsError,
  InstanceNotFoundError,
  InvalidArgumentError,
} from "../model/errors.ts";
import { BATCH_LIMIT } from "../model/limits.ts";
import { isAddressableInstanceId } from "../model/names.ts";
import type { InstanceStatus as StatusName } from "../model/status.ts";
import type { Trigger } from "../model/trigger.ts";
import { insist } from "../engine/insist.ts";
import type { CreateOutcome, NewInstance, Retention } from "../engine/ports/instances.ts";
import type { Sighting } from "./absences.ts";
import {
  BATCH_ERRORS,
  INVALID_PARAMS_CODE,
  checkDeleteBatch,
  checkEntries,
  expandBatch,
} from "./batch.ts";
import type {
  CheckedEntries,
  WorkflowBatchCreateOptions,
  WorkflowBatchCreateResult,
  WorkflowBatchDeleteResult,
} from "./batch.ts";
import { toNewInstance } from "./create-options.ts";
import type { WorkflowInstanceCreateOptions } from "./create-options.ts";
import { FoldedInstance } from "./folded-calls.ts";
import { WorkflowInstance } from "./instance-handle.ts";
import type { InstanceParts } from "./instance-handle.ts";
import { findInstances, listError, toListScope } from "./search.ts";
import type { WorkflowInstanceFilter } from "./search.ts";
import { toScheduleStatus } from "./schedule-status.ts";
import type { WorkflowScheduleStatus } from "./schedule-status.ts";

/** Ids on one page at most. */
const LIST_LIMIT = 1_000;

/** How long a create goes on trying when the store cannot be reached. */
const CREATE_WITHIN_MS = 10_000;

/** Which page of which instances. */
export interface WorkflowListOptions extends Omit<WorkflowInstanceFilter, "statuses"> {
  /** @defaultValue any */
  status?: StatusName;
  /** 1 to 1,000. */
  limit: number;
  /** Of the page before. */
  cursor?: string;
}

export interface WorkflowListPage {
  ids: readonly string[];
  /** Present when there are more, or may be. */
  cursor?: string;
}

export interface WorkflowParts extends InstanceParts {
  readonly name: string;
  readonly retention: Retention;
  /** Paths of the fields of params by which its instances can be found. @defaultValue none */
  readonly searchable?: readonly string[] | undefined;
  /** What its instances are said to be created by. @defaultValue "binding" */
  readonly trigger?: Trigger;
  /** Throws or rejects when no new instances are taken. Usually it knows at once. */
  readonly admit?: () => Promise<void> | undefined;
}

interface BatchOutcome extends Pick<CheckedEntries<unknown>, "refusals"> {
  /** The first entry of each id that may be created. */
  readonly distinct: ReadonlyMap<string, NewInstance>;
  readonly created: ReadonlySet<string>;
  /** A moment before they were. */
  readonly since: number | undefined;
}

const NO_REFUSALS: CheckedEntries<unknown>["refusals"] = new Map();

export class Workflow<Params = unknown, Output = unknown, Events = object> {
  readonly name: string;
  readonly #parts: WorkflowParts;

  constructor(parts: WorkflowParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  /**
   * Records a new instance and asks for it to be run. Resolves when it is recorded, not when it starts.
   *
   * @throws {@link InstanceAlreadyExistsError} when the id is taken.
   * @throws {@link InvalidArgumentError} when an option is not allowed.
   * @throws {@link ValidationError} (`params.invalid`) when the schema of the params refuses them.
   * @throws {@link UnserializableValueError} when `params` cannot be kept.
   * @throws {@link EngineClosedError} once the engine is closed.
   * @throws {@link LowMemoryError} while Redis is too full for new instances.
   * @throws {@link DurabilityError} when Redis promises less than the engine's `durability.minimum`.
   */
  async create(
    options: WorkflowInstanceCreateOptions<Params> = {},
  ): Promise<WorkflowInstance<Output, Events>> {
    const checked = this.#parts.checks.params(options?.params);
    const accepted = checked && options ? { ...options, params: await checked } : options;
    const instance = toNewInstance(accepted, this.#parts);
    const since = this.#parts.results.moment;
    const [outcome] = await this.#record([instance]);
    if (outcome?.type !== "created") throw new InstanceAlreadyExistsError(instance.id);
    await this.#parts.dispatch(outcome.requests);
    return this.#handle(instance.id, this.#parts.absences.seeCreated(since));
  }

  /**
   * Creates up to 100 instances. The object form answers what was created and, per entry, why others
   * were not; the array form (deprecated at Cloudflare) leaves those out silently.
   *
   * @throws {@link InvalidArgumentError} when any entry is not allowed; then nothing is created.
   */
  createBatch(
    batch: readonly WorkflowInstanceCreateOptions<Params>[],
  ): Promise<WorkflowInstance<Output, Events>[]>;
  createBatch(
    batch: WorkflowBatchCreateOptions<Params>,
  ): Promise<WorkflowBatchCreateResult<Output, Events>>;
  async createBatch(
    batch: readonly WorkflowInstanceCreateOptions<Params>[] | WorkflowBatchCreateOptions<Params>,
  ): Promise<WorkflowInstance<Output, Events>[] | WorkflowBatchCreateResult<Output, Events>> {
    if (!Array.isArray(batch)) {
      const entries = expandBatch(batch as WorkflowBatchCreateOptions<Params>);
      const isAlike = "count" in batch;
      return await this.#createAll(entries, { invalidId: "Instance ID is invalid", isAlike });
    }
    if (batch.length === 0) throw batchError("batchCreate should have at least 1 instance");
    if (batch.length > BATCH_LIMIT) {
      throw batchError("batchCreate only supports 100 instances at a time");
    }
    const entries = batch as WorkflowInstanceCreateOptions<Params>[];
    return (await this.#createAll(entries, { isAlike: true })).created;
  }

  /** @throws {@link InstanceNotFoundError} */
  async get(id: string): Promise<WorkflowInstance<Output, Events>> {
    const record = isAddressableInstanceId(id)
      ? await this.#parts.store.instances.get(id)
      : undefined;
    if (!record) throw new InstanceNotFoundError(String(id));
    return this.#handle(id, this.#parts.absences.see(record));
  }

  /** Deletes up to 100 instances with all they recorded. */
  async deleteBatch(ids: readonly string[]): Promise<WorkflowBatchDeleteResult> {
    const checked = checkDeleteBatch(ids);
    if (!checked.every(isAddressableInstanceId)) {
      throw new InvalidArgumentError(
        "instance.invalid_id",
        "(instance.invalid_id) Instance ID is invalid",
      );
    }
    const outcomes = new Map<
      string,
      Promise<(typeof BATCH_ERRORS)[keyof typeof BATCH_ERRORS] | undefined>
    >();
    for (const id of checked) if (!outcomes.has(id)) outcomes.set(id, this.#tryDelete(id));
    const result: WorkflowBatchDeleteResult = { deleted: [], errors: [] };
    for (const id of checked) {
      const error = await outcomes.get(id);
      if (error) result.errors.push({ id, ...error });
      else result.deleted.push({ id });
    }
    return result;
  }

  /** Ours. How many instances are in each status. */
  async counts(): Promise<Readonly<Record<StatusName, number>>> {
    return await this.#parts.store.instances.counts();
  }

  /**
   * Ours. The ids of the instances, or of those that a filter is for, newest first, a page of at most 1,000 at
   * a time. A page of what is hard to find has fewer than asked for, or none, and a cursor all the same.
   *
   * @throws {@link InvalidArgumentError} (`list.invalid`) for an unknown status, another limit, or a filter
   *   that no instance can match.
   */
  async list(request: WorkflowListOptions): Promise<WorkflowListPage> {
    const { status, limit, cursor: after, ...filter } = request;
    if (!Number.isInteger(limit) || limit < 1 || limit > LIST_LIMIT) {
      const given = `got \`${String(limit)}\``;
      throw listError(`Expected \`limit\` to be an integer from 1 to ${LIST_LIMIT}, ${given}`);
    }
    const { store, searchable = [] } = this.#parts;
    const { instances, cursor } = await findInstances(store, {
      ...toListScope(
        { ...filter, ...(status !== undefined && { statuses: [status] }) },
        searchable,
      ),
      limit,
      ...(after !== undefined && { cursor: after }),
    });
    return { ids: instances.map(({ id }) => id), ...(cursor !== undefined && { cursor }) };
  }

  /**
   * Ours. The schedules in force, in the order in which they were declared: those of the deployment that a
   * worker announced last. Empty as long as no worker has run.
   */
  async schedules(): Promise<WorkflowScheduleStatus[]> {
    const { states, now } = await this.#parts.store.schedules.inForce();
    return states.map((state) => toScheduleStatus(state, now));
  }

  /**
   * Checks every entry before the first is created, so that a bad one creates nothing. Only params that
   * their schema refuses concern no other entry, unless all stand or fall together.
   */
  async #createAll(
    given: readonly WorkflowInstanceCreateOptions<Params>[],
    { invalidId, isAlike }: { readonly invalidId?: string; readonly isAlike: boolean },
  ): Promise<WorkflowBatchCreateResult<Output, Events>> {
    const { checks } = this.#parts;
    const { entries, refusals } = checks.hasParams
      ? await checkEntries(given, checks)
      : { entries: given, refusals: NO_REFUSALS };
    const [refusal] = refusals.values();
    if (refusal && isAlike) throw refusal;
    const defaults = { ...this.#parts, invalidId };
    const instances = entries.map((options) => toNewInstance(options, defaults));
    const distinct = new Map<string, NewInstance>();
    for (const [index, instance] of instances.entries()) {
      if (!distinct.has(instance.id) && !refusals.has(index)) distinct.set(instance.id, instance);
    }
    const since = this.#parts.results.moment;
    const outcomes = await this.#record([...distinct.values()]);
    await this.#parts.dispatch(
      outcomes.flatMap((outcome) => (outcome.type === "created" ? outcome.requests : [])),
    );
    const created = new Set([...distinct.keys()].filter((_, i) => outcomes[i]?.type === "created"));
    return this.#toBatchResult(instances, { distinct, created, refusals, since });
  }

  /** Each instance has a nonce, so that repeating a create whose answer got lost is harmless. */
  async #record(instances: readonly NewInstance[]): Promise<readonly CreateOutcome[]> {
    const { store, clock, admit } = this.#parts;
    const admission = admit?.();
    if (admission) await admission;
    const deadline = clock.now() + CREATE_WITHIN_MS;
    return await insist(async () => await store.instances.create(instances), {
      clock,
      mayRetry: () => clock.now() < deadline,
    });
  }

  #toBatchResult(
    instances: readonly NewInstance[],
    { distinct, created, refusals, since }: BatchOutcome,
  ): WorkflowBatchCreateResult<Output, Events> {
    const result: WorkflowBatchCreateResult<Output, Events> = { created: [], errors: [] };
    for (const [index, instance] of instances.entries()) {
      const { id } = instance;
      const refusal = refusals.get(index);
      if (refusal) {
        result.errors.push({ index, id, code: INVALID_PARAMS_CODE, message: refusal.message });
      } else if (distinct.get(id) !== instance)
        result.errors.push({ index, id, ...BATCH_ERRORS.duplicate });
      else if (created.has(id)) {
        result.created.push(this.#handle(id, this.#parts.absences.seeCreated(since)));
      } else result.errors.push({ index, id, ...BATCH_ERRORS.exists });
    }
    return result;
  }

  async #tryDelete(
    id: string,
  ): Promise<(typeof BATCH_ERRORS)[keyof typeof BATCH_ERRORS] | undefined> {
    try {
      await this.#handle(id).delete();
      return undefined;
    } catch (error) {
      // By its code, as the error may have been folded.
      const isMissing = (error as { readonly code?: unknown }).code === "instance.not_found";
      return isMissing ? BATCH_ERRORS.missing : BATCH_ERRORS.internal;
    }
  }

  #handle(id: string, sighting?: Sighting): WorkflowInstance<Output, Events> {
    const Instance = this.#parts.errors === "cloudflare" ? FoldedInstance : WorkflowInstance;
    return new Instance<Output, Events>(id, this.#parts, sighting);
  }
}

function batchError(sentence: string): InvalidArgumentError {
  return new InvalidArgumentError("batch.invalid", sentence);
}

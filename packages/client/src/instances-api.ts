/** What can be done with the instances of a workflow: by its name and their ids. */
import type {
  CreatedInstance,
  Explanation,
  HistoryEntry,
  Instance,
  InstanceDetails,
  InstanceEvent,
  NewInstance,
} from "./api.generated.ts";
import type { Caller, PartsOf, ResultOf } from "./caller.ts";
import { WorkflowsApiError } from "./errors.ts";
import type { Pages } from "./pages.ts";
import type { CallOptions } from "./transport.ts";

/** Cloudflare's number for an id that is taken. */
const ALREADY_EXISTS = 10_405;

type Body<Id extends "changeStatus" | "sendEvent"> = PartsOf<Id>["body"];

export class InstancesApi {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Newest first, unless `direction` says otherwise. */
  list(
    workflow: string,
    query: PartsOf<"listInstances">["query"] = {},
    options?: CallOptions,
  ): Pages<Instance> {
    return this.#caller.list(
      "listInstances",
      { path: { workflow_name: workflow }, query },
      options,
    );
  }

  /**
   * Creates an instance. One without an id is given one here, so that the call can be sent again when its
   * answer gets lost, without a second instance.
   */
  async create(
    workflow: string,
    instance: NewInstance = {},
    options: CallOptions = {},
  ): Promise<CreatedInstance> {
    const path = { workflow_name: workflow };
    const isNamed = instance.instance_id !== undefined;
    const body = toBody(isNamed ? instance : { ...instance, instance_id: randomId() });
    try {
      return await this.#caller.call(
        "createInstance",
        { path, body },
        { isRepeatable: !isNamed, ...options },
      );
    } catch (error) {
      if (isNamed || !isFromBefore(error)) throw error;
      return await this.#describe(workflow, String(body.instance_id), options);
    }
  }

  /** Creates up to 100. Those whose ids are taken are left out of what it answers. */
  async createBatch(
    workflow: string,
    instances: readonly NewInstance[],
    options?: CallOptions,
  ): Promise<readonly CreatedInstance[]> {
    const parts = { path: { workflow_name: workflow }, body: instances.map(toBody) };
    return await this.#caller.call("createInstances", parts, options);
  }

  /** With its steps; outputs of over 10,000 characters are cut. */
  async get(
    workflow: string,
    id: string,
    query: PartsOf<"getInstance">["query"] = {},
    options?: CallOptions,
  ): Promise<InstanceDetails> {
    return await this.#caller.call("getInstance", { path: toPath(workflow, id), query }, options);
  }

  /**
   * One step, its output whole. Its name has its count: `charge-1`. An output that is a stream of bytes is
   * answered by `client.response("getStep", …)`.
   */
  async step(
    workflow: string,
    id: string,
    query: PartsOf<"getStep">["query"],
    options?: CallOptions,
  ): Promise<ResultOf<"getStep">> {
    return await this.#caller.call("getStep", { path: toPath(workflow, id), query }, options);
  }

  /** Why it does not run, in one sentence, and for programs as a code and facts. */
  async why(workflow: string, id: string, options?: CallOptions): Promise<Explanation> {
    return await this.#caller.call("getWhy", { path: toPath(workflow, id) }, options);
  }

  /** All that is recorded of it, in the order in which it was settled. */
  history(workflow: string, id: string, options?: CallOptions): Pages<HistoryEntry> {
    return this.#caller.list("getHistory", { path: toPath(workflow, id) }, options);
  }

  /**
   * What happens to it, event by event: what is on record first, then what comes, until it has ended. A
   * connection that ends is made again, and goes on after the last event.
   */
  subscribe(
    workflow: string,
    id: string,
    query: PartsOf<"subscribeInstance">["query"] = {},
    options?: CallOptions,
  ): AsyncGenerator<InstanceEvent, void, undefined> {
    return this.#caller.events("subscribeInstance", { path: toPath(workflow, id), query }, options);
  }

  async pause(workflow: string, id: string, options?: CallOptions): Promise<StatusChange> {
    return await this.#change(workflow, id, { status: "pause" }, options);
  }

  async resume(workflow: string, id: string, options?: CallOptions): Promise<StatusChange> {
    return await this.#change(workflow, id, { status: "resume" }, options);
  }

  async terminate(
    workflow: string,
    id: string,
    options: CallOptions & { readonly rollback?: boolean } = {},
  ): Promise<StatusChange> {
    const { rollback, ...rest } = options;
    const body = { status: "terminate", ...(rollback !== undefined && { rollback }) } as const;
    return await this.#change(workflow, id, body, rest);
  }

  /** From its beginning, or from a step. */
  async restart(
    workflow: string,
    id: string,
    options: CallOptions & { readonly from?: RestartPoint } = {},
  ): Promise<StatusChange> {
    const { from, ...rest } = options;
    return await this.#change(workflow, id, { status: "restart", ...(from && { from }) }, rest);
  }

  /** Terminates all, or those in a status, in the background. */
  async terminateAll(
    workflow: string,
    query: PartsOf<"terminateInstances">["query"] = {},
    options?: CallOptions,
  ): Promise<ResultOf<"terminateInstances">> {
    const parts = { path: { workflow_name: workflow }, query };
    return await this.#caller.call("terminateInstances", parts, options);
  }

  /** Not sent again when its answer gets lost: the instance might get the event twice. */
  async sendEvent(
    workflow: string,
    id: string,
    event: { readonly type: string; readonly payload?: Body<"sendEvent"> },
    options?: CallOptions,
  ): Promise<ResultOf<"sendEvent">> {
    const path = { ...toPath(workflow, id), event_type: event.type };
    return await this.#caller.call("sendEvent", { path, body: event.payload ?? null }, options);
  }

  async delete(workflow: string, id: string, options?: CallOptions): Promise<void> {
    await this.#caller.call("deleteInstance", { path: toPath(workflow, id) }, options);
  }

  /** Deletes up to 100, and answers what became of each. */
  async deleteBatch(
    workflow: string,
    ids: readonly string[],
    options?: CallOptions,
  ): Promise<ResultOf<"deleteInstances">> {
    const parts = { path: { workflow_name: workflow }, body: { instances: ids } };
    return await this.#caller.call("deleteInstances", parts, options);
  }

  async #change(
    workflow: string,
    id: string,
    body: Body<"changeStatus">,
    options: CallOptions = {},
  ): Promise<StatusChange> {
    return await this.#caller.call("changeStatus", { path: toPath(workflow, id), body }, options);
  }

  async #describe(workflow: string, id: string, options: CallOptions): Promise<CreatedInstance> {
    const path = toPath(workflow, id);
    const [details, { id: workflowId }] = await Promise.all([
      this.#caller.call("getInstance", { path, query: { simple: "true" } }, options),
      this.#caller.call("getWorkflow", { path }, options),
    ]);
    const { status, versionId, trigger } = details;
    return {
      id,
      status,
      version_id: versionId,
      workflow_id: workflowId,
      trigger_source: trigger.source,
    };
  }
}

export type StatusChange = ResultOf<"changeStatus">;

export type RestartPoint = NonNullable<
  Extract<Body<"changeStatus">, { readonly status: "restart" }>["from"]
>;

interface InstancePath {
  readonly workflow_name: string;
  readonly instance_id: string;
}

function toPath(workflow: string, id: string): InstancePath {
  return { workflow_name: workflow, instance_id: id };
}

/** The server takes text that can be read as JSON as that. So that it comes back as it is, text is sent as JSON too. */
function toBody(instance: NewInstance): NewInstance {
  if (typeof instance.params !== "string") return instance;
  return { ...instance, params: JSON.stringify(instance.params) };
}

/** Whether an attempt whose answer got lost has created it. */
function isFromBefore(error: unknown): boolean {
  return error instanceof WorkflowsApiError && error.code === ALREADY_EXISTS && error.attempts > 1;
}

function randomId(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

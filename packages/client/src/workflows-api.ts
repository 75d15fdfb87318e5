/** What can be done with workflows: by their names. */
import type { FeedEvent, Queue, Version, Worker, Workflow } from "./api.generated.ts";
import type { Caller, PartsOf, ResultOf } from "./caller.ts";
import type { Pages } from "./pages.ts";
import type { CallOptions } from "./transport.ts";

export class WorkflowsApi {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Newest first. */
  list(query: PartsOf<"listWorkflows">["query"] = {}, options?: CallOptions): Pages<Workflow> {
    return this.#caller.list("listWorkflows", { query }, options);
  }

  /** With how many instances are in each status. */
  async get(name: string, options?: CallOptions): Promise<Workflow> {
    return await this.#caller.call("getWorkflow", { path: { workflow_name: name } }, options);
  }

  /** Makes it known, or makes a version of it with these settings. What is not said is not kept. */
  async put(
    name: string,
    body: PartsOf<"putWorkflow">["body"],
    options?: CallOptions,
  ): Promise<ResultOf<"putWorkflow">> {
    return await this.#caller.call("putWorkflow", { path: { workflow_name: name }, body }, options);
  }

  /** Forgets it at once, and deletes its instances in the background. */
  async delete(name: string, options?: CallOptions): Promise<void> {
    await this.#caller.call("deleteWorkflow", { path: { workflow_name: name } }, options);
  }

  /**
   * Every change of status of its instances, as it happens. After a `reset`, which a new connection begins
   * with, changes may have been missed: look at what there is.
   */
  follow(
    name: string,
    query: PartsOf<"followWorkflow">["query"] = {},
    options?: CallOptions,
  ): AsyncGenerator<FeedEvent, void, undefined> {
    return this.#caller.events("followWorkflow", { path: { workflow_name: name }, query }, options);
  }

  versions(name: string, options?: CallOptions): Pages<Version> {
    return this.#caller.list("listVersions", { path: { workflow_name: name } }, options);
  }

  /** How many of its instances wait and run. */
  async queue(name: string, options?: CallOptions): Promise<Queue> {
    return await this.#caller.call("getQueue", { path: { workflow_name: name } }, options);
  }

  /** The processes that run workflows. */
  workers(options?: CallOptions): Pages<Worker> {
    return this.#caller.list("listWorkers", {}, options);
  }
}

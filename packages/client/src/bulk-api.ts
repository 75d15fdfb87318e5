/** Doing one thing to all instances of a filter, in the background. */
import type { Bulk } from "./api.generated.ts";
import type { Caller, PartsOf, ResultOf } from "./caller.ts";
import type { Pages } from "./pages.ts";
import type { CallOptions } from "./transport.ts";

export class BulkApi {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Begins it; with `dry_run` it only says which and how many instances those would be. */
  async start(
    workflow: string,
    body: PartsOf<"startBulk">["body"],
    options?: CallOptions,
  ): Promise<ResultOf<"startBulk">> {
    const path = { workflow_name: workflow };
    return await this.#caller.call("startBulk", { path, body }, options);
  }

  /** How far it has come. */
  async get(workflow: string, id: string, options?: CallOptions): Promise<Bulk> {
    return await this.#caller.call("getBulk", { path: toPath(workflow, id) }, options);
  }

  /** What it has done stays done. */
  async cancel(workflow: string, id: string, options?: CallOptions): Promise<Bulk> {
    return await this.#caller.call("cancelBulk", { path: toPath(workflow, id) }, options);
  }

  /** Newest first: those that run, and the last ones that have ended. */
  list(workflow: string, options?: CallOptions): Pages<Bulk> {
    return this.#caller.list("listBulk", { path: { workflow_name: workflow } }, options);
  }
}

function toPath(
  workflow: string,
  id: string,
): { readonly workflow_name: string; readonly bulk_id: string } {
  return { workflow_name: workflow, bulk_id: id };
}

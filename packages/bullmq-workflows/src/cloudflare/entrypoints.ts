/** Classes of `cloudflare:workers` that work anywhere. `WorkflowEntrypoint` is the library's own. */

/** An object that others may call. Here they call it directly. */
export class RpcTarget {
  get [Symbol.toStringTag](): string {
    return "RpcTarget";
  }
}

/** A class with `fetch` or methods of its own; a project's default export may be one. */
export abstract class WorkerEntrypoint<Env = unknown, Context = unknown> {
  protected readonly ctx: Context;
  protected readonly env: Env;

  constructor(ctx: Context, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}

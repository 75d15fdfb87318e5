/** What `cloudflare:workers` and its neighbours export and no other platform has: refused when used. */
import { CloudflareOnlyError } from "./cloudflare-only-error.ts";
import { refuseClass } from "./refused-class.ts";
import type { RefusedClass } from "./refused-class.ts";

const RPC_ADVICE = "Objects are passed as they are here: leave the wrapping out.";

/** May be extended, so that a file with a workflow and a Durable Object loads. */
export abstract class DurableObject<Env = unknown> {
  protected readonly ctx: unknown;
  protected readonly env: Env;

  constructor(ctx: unknown, env: Env) {
    this.ctx = ctx;
    this.env = env;
    throw new CloudflareOnlyError("DurableObject", "Keep such state in Redis or a database.");
  }
}

export const RpcStub: RefusedClass = refuseClass("RpcStub", RPC_ADVICE);
export const RpcPromise: RefusedClass = refuseClass("RpcPromise", RPC_ADVICE);
export const RpcProperty: RefusedClass = refuseClass("RpcProperty", RPC_ADVICE);
export const ServiceStub: RefusedClass = refuseClass("ServiceStub", "Call the service over HTTP.");

export function abortIsolate(_reason?: unknown): never {
  throw new CloudflareOnlyError("abortIsolate()", "End the process instead.");
}

export function restore(_parameters?: unknown): never {
  throw new CloudflareOnlyError("restore()", "There are no Durable Objects here to restore.");
}

/** Purges Cloudflare's cache, which does not lie in front of this process. */
export const cache: {
  purge(options?: unknown): Promise<never>;
  invalidate(options?: unknown): Promise<never>;
} = {
  purge: async () => await refuseCache("cache.purge()"),
  invalidate: async () => await refuseCache("cache.invalidate()"),
};

async function refuseCache(feature: string): Promise<never> {
  throw new CloudflareOnlyError(
    feature,
    "Purge the cache in front of this process by its own API.",
  );
}

/** What `cloudflare:workers` is off Cloudflare: the same names at run time, and nothing but them. */
import { createAmbientView, withAmbient } from "./ambient.ts";

export { WorkflowEntrypoint } from "../model/workflow.ts";
export { waitUntil } from "./ambient.ts";
export { RpcTarget, WorkerEntrypoint } from "./entrypoints.ts";
export { tracing } from "./tracing.ts";
export * from "./type-names.ts";
export {
  DurableObject,
  RpcPromise,
  RpcProperty,
  RpcStub,
  ServiceStub,
  abortIsolate,
  cache,
  restore,
} from "./unavailable.ts";

/** The bindings and variables of the project, as in `this.env`. */
export const env: object = createAmbientView("env");

/** The project's exported entrypoints, as in `this.ctx.exports`. */
export const exports: object = createAmbientView("exports");

/** Calls `callback` with another `env`. */
export function withEnv<T>(env: object, callback: () => T): T {
  return withAmbient({ env }, callback);
}

/** Calls `callback` with other `exports`. */
export function withExports<T>(exports: object, callback: () => T): T {
  return withAmbient({ exports }, callback);
}

/** Calls `callback` with another `env` and other `exports`. */
export function withEnvAndExports<T>(env: object, exports: object, callback: () => T): T {
  return withAmbient({ env, exports }, callback);
}

/**
 * `node --import bullmq-workflows/cloudflare app.js`: from then on `cloudflare:workers` and its
 * neighbours can be imported, and required, in every file and package of the process.
 *
 * Loading this module is what installs it. There is one copy of everything: the classes are those that
 * `bullmq-workflows` exports.
 */
import * as module from "node:module";
import * as library from "../index.ts";
import * as email from "./email.ts";
import { initialize, resolve } from "./hooks.ts";
import { HOOKS_URL, MODULE_URLS } from "./module-urls.ts";
import * as sockets from "./sockets.ts";
import * as workers from "./workers.ts";
import * as workflows from "./workflows.ts";

export { provideAmbient, withAmbient } from "./ambient.ts";
export type { Ambient } from "./ambient.ts";
export { CloudflareOnlyError } from "./cloudflare-only-error.ts";
export { MODULE_URLS } from "./module-urls.ts";
export { WorkerEntrypoint } from "./entrypoints.ts";
export { tracing } from "./tracing.ts";

/** The library too: what compiles files to CommonJS would make a second copy of it for them. */
const MODULES: Readonly<Record<string, object>> = {
  "bullmq-workflows": library,
  "cloudflare:workers": workers,
  "cloudflare:workflows": workflows,
  "cloudflare:sockets": sockets,
  "cloudflare:email": email,
};

/** What `require` calls, and what those who hook into it replace. */
const LOAD = "_load";

/** What Node has and its types lack. */
interface ModuleApi {
  readonly registerHooks?: (hooks: { readonly resolve: module.ResolveHook }) => unknown;
  readonly Module: Record<typeof LOAD, (request: string, ...rest: unknown[]) => unknown>;
}

const api = module as unknown as ModuleApi;

installForImport();
installForRequire();

/** In this thread where Node can do that: there its hooks also see what is imported meanwhile. */
function installForImport(): void {
  if (!api.registerHooks) return module.register(HOOKS_URL, { data: MODULE_URLS });
  void initialize(MODULE_URLS);
  api.registerHooks({ resolve });
}

/** `require` gets the very same objects, whatever compiles the file that calls it. */
function installForRequire(): void {
  const { Module } = api;
  const load = Module[LOAD];
  Module[LOAD] = function (this: unknown, request, ...rest) {
    return MODULES[request] ?? load.call(this, request, ...rest);
  };
}

/** The project's exports as others find them: in `ctx.exports`, and as the handler of requests. */
import { WorkerEntrypoint, withAmbient } from "bullmq-workflows/cloudflare";
import { ProjectError } from "../errors.ts";
import type { LoadedModule } from "../source/load-module.ts";
import { HostContext } from "./execution-context.ts";

export interface EntrypointParts {
  readonly env: object;
  readonly exports: object;
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

type Methods = Readonly<Record<PropertyKey, unknown>>;
type EntrypointClass = new (ctx: HostContext, env: object) => Methods;
type Fetch = (request: Request, env: object, ctx: HostContext) => unknown;

/** Adds to `ctx.exports` the classes that extend `WorkerEntrypoint`: to call, or to call with props. */
export function fillExports(
  exports: Record<string, unknown>,
  module: LoadedModule,
  parts: EntrypointParts,
): void {
  for (const [name, value] of Object.entries(module)) {
    if (isEntrypointClass(value)) exports[name] ??= createLoopback(value, parts);
  }
}

function createLoopback(entrypoint: EntrypointClass, parts: EntrypointParts): object {
  const make = (props: unknown): Methods => {
    const context = new HostContext({ ...parts, props });
    return withAmbient({ context }, () => new entrypoint(context, parts.env));
  };
  const factory = (options?: { readonly props?: unknown }): Methods => make(options?.props);
  return new Proxy(factory, {
    get(_, key) {
      const target = key in entrypoint.prototype ? make({}) : undefined;
      const value = target?.[key];
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** What answers requests; nothing when the project answers none. */
export function findFetch(
  module: LoadedModule,
  parts: EntrypointParts,
): ((request: Request) => Promise<Response>) | undefined {
  const handler = module["default"];
  if (isEntrypointClass(handler)) {
    if (!("fetch" in handler.prototype)) return undefined;
    return async (request) =>
      await answer(parts, (ctx) => {
        const entrypoint = new handler(ctx, parts.env);
        return (entrypoint["fetch"] as Fetch).call(entrypoint, request, parts.env, ctx);
      });
  }
  const fetch = (handler as { readonly fetch?: unknown } | undefined)?.fetch;
  if (typeof fetch !== "function") return undefined;
  return async (request) =>
    await answer(parts, (ctx) => (fetch as Fetch).call(handler, request, parts.env, ctx));
}

async function answer(
  parts: EntrypointParts,
  call: (context: HostContext) => unknown,
): Promise<Response> {
  const context = new HostContext(parts);
  const response = await withAmbient({ context }, async () => await call(context));
  if (response instanceof Response) return response;
  throw new ProjectError(
    "project.invalid_response",
    `\`fetch\` must answer with a Response, got \`${String(response)}\``,
  );
}

/** Handlers that nothing calls here. */
export function findIdleHandlers(module: LoadedModule): string[] {
  const handler = module["default"];
  const methods = isEntrypointClass(handler) ? handler.prototype : (handler as object | undefined);
  if (typeof methods !== "object" || methods === null) return [];
  return ["scheduled", "queue", "email", "tail"].filter((name) => name in methods);
}

function isEntrypointClass(value: unknown): value is EntrypointClass {
  return typeof value === "function" && value.prototype instanceof WorkerEntrypoint;
}

/** Puts operations on Hono's router. */
import type { Hono } from "hono";
import type { FindClient } from "./access/client-address.ts";
import { invoke } from "./invoke.ts";
import type { InvocationParts } from "./invoke.ts";
import type { Route } from "./routes.ts";

/** What a host knows of a call beside the request; Hono's adapter for Node has it in another form. */
export interface FetchContext {
  readonly remoteAddress?: string;
  readonly incoming?: {
    readonly socket?: {
      readonly remoteAddress?: string | undefined;
      readonly destroy?: () => unknown;
    };
  };
}

export interface Mounting {
  readonly app: Hono<{ readonly Bindings: FetchContext }>;
  readonly findClient: FindClient;
}

/** What the path of a call says, decoded. */
export type NamedParts = Readonly<Record<string, string>>;

/**
 * @param pattern the whole path, parameters in braces.
 * @param fit what of the path and of the server is not as it is for all operations.
 */
export function mountRoute(
  { app, findClient }: Mounting,
  { method, operation }: Pick<Route, "method" | "operation">,
  pattern: string,
  fit: (path: NamedParts) => { readonly path: NamedParts; readonly parts: InvocationParts },
): void {
  app.on(method, toHono(pattern), async ({ req, env }) => {
    const { socket } = env.incoming ?? {};
    const remoteAddress = env.remoteAddress ?? socket?.remoteAddress;
    const clientAddress = findClient(remoteAddress, req.header("x-forwarded-for") ?? null);
    const { parts, path } = fit(req.param());
    const peer = { remoteAddress, clientAddress };
    const cutOff = socket?.destroy && ((): void => void socket.destroy?.());
    return await invoke({ operation, request: req.raw, peer, path, cutOff }, parts);
  });
}

/** Its parameters begin with a colon. */
export function toHono(pattern: string): string {
  return pattern.replaceAll(/\{(\w+)\}/g, ":$1");
}

/** Puts tables of operations on Hono's router. */
import type { Hono } from "hono";
import type { Peer } from "./access/authentication.ts";
import { invoke } from "./invoke.ts";
import type { InvocationParts } from "./invoke.ts";
import type { Route } from "./routes.ts";

/** What a host knows of a call beside the request; Hono's adapter for Node has it in another form. */
export interface FetchContext {
  readonly remoteAddress?: string;
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}

export type ServerApp = Hono<{ readonly Bindings: FetchContext }>;

/** What the path of a call says, decoded. */
export type NamedParts = Readonly<Record<string, string>>;

/**
 * @param base what the path begins with.
 * @param fit what of the call and of the server is not as the table has it.
 */
export function mountRoute(
  app: ServerApp,
  base: string,
  { method, path, operation }: Route,
  fit: (path: NamedParts) => { readonly path: NamedParts; readonly parts: InvocationParts },
): void {
  app.on(method, toPattern(base, path), async ({ req, env }) => {
    const { parts, path: named } = fit(req.param());
    return await invoke({ operation, request: req.raw, peer: peerOf(env), path: named }, parts);
  });
}

/** As Hono has it: parameters begin with a colon. */
export function toPattern(base: string, path: string): string {
  return `${base}${path}`.replaceAll(/\{(\w+)\}/g, ":$1");
}

function peerOf({ remoteAddress, incoming }: FetchContext): Peer {
  return { remoteAddress: remoteAddress ?? incoming?.socket?.remoteAddress };
}

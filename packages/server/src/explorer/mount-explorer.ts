/**
 * Serves the local explorer: calls go the same way as in the REST API, and what goes wrong has other words.
 *
 * Pages that are served from this machine may call it, which is what browsers ask for first. Any other page
 * is told nothing that would make a browser go on.
 */
import type { Context, Next } from "hono";
import { isLoopbackOrigin } from "../access/loopback.ts";
import type { InvocationParts } from "../invoke.ts";
import { mountRoute } from "../mounting.ts";
import type { Mounting } from "../mounting.ts";
import { toExplorerError } from "./explorer-errors.ts";
import { toDocument } from "../openapi/document.ts";
import type { OpenApiDocument } from "../openapi/document.ts";
import { once } from "../once.ts";
import { VERSION } from "../version.ts";
import { EXPLORER_PATH, EXPLORER_ROUTES } from "./routes.ts";

const ALLOWED = {
  "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
  "access-control-allow-headers": "Content-Type",
  // A day, in seconds.
  "access-control-max-age": "86400",
};

/** @param namespace the one that it shows. */
export function mountExplorer(mounting: Mounting, given: InvocationParts, namespace: string): void {
  const documentText = once(() => JSON.stringify(toExplorerDocument()));
  const parts = { ...given, server: { ...given.server, documentText } };
  mounting.app.use(`${EXPLORER_PATH}/*`, allowLocalPages);
  for (const route of EXPLORER_ROUTES) {
    mountRoute(mounting, route, `${EXPLORER_PATH}${route.path}`, (path) => ({
      path: { ...path, account_id: namespace },
      parts: { ...parts, reword: (failure) => toExplorerError(failure, path) },
    }));
  }
}

/** What it serves about itself, as Cloudflare's does. */
function toExplorerDocument(): OpenApiDocument {
  return toDocument(EXPLORER_ROUTES, {
    basePath: EXPLORER_PATH,
    version: VERSION,
    hasNoAccounts: true,
  });
}

async function allowLocalPages(context: Context, next: Next): Promise<Response | undefined> {
  const origin = context.req.header("origin");
  const isLocal = origin !== undefined && isLoopbackOrigin(origin);
  const asksFirst = context.req.method === "OPTIONS";
  if (!asksFirst) await next();
  if (isLocal) {
    context.header("access-control-allow-origin", origin);
    context.header("vary", "origin");
  }
  return asksFirst ? context.body(null, 204, isLocal ? ALLOWED : {}) : undefined;
}

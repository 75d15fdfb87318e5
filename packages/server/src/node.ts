/** Serves over HTTP from a Node process. */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { WorkflowServer } from "./create-server.ts";
import { toNodeHandler } from "./node-handler.ts";

export { toNodeHandler, type NodeHandler } from "./node-handler.ts";

export interface ListenOptions {
  /** 0 takes a free one. @defaultValue 8080 */
  readonly port?: number;
  /** @defaultValue "127.0.0.1" */
  readonly hostname?: string;
  /** How long a whole request may take to arrive, in ms. @defaultValue 30 seconds */
  readonly requestTimeout?: number;
  /** Told where it listens, and that it serves this machine alone while there are no tokens. @defaultValue silence */
  readonly onListening?: (message: string) => void;
}

export interface Listener {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more requests, lets those under way end for up to `graceMs` (10 seconds), then cuts them off. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 10_000;

/** How often a closing server looks for connections that are idle by now. */
const SWEEP_MS = 50;

/**
 * Listens on a port. Closing the listener does not close the server, nor its engine.
 *
 * @throws what Node throws when it cannot listen there.
 */
export async function listen(
  server: WorkflowServer,
  options: ListenOptions = {},
): Promise<Listener> {
  const { port = 8080, hostname = "127.0.0.1", requestTimeout = 30_000 } = options;
  const http = createHttpServer(
    {
      requestTimeout,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeout),
      // Slow clients are looked for as often as they may be slow.
      connectionsCheckingInterval: Math.min(1_000, requestTimeout),
    },
    toNodeHandler(server),
  );
  http.listen(port, hostname);
  await once(http, "listening");
  const url = urlOf(http, hostname);
  options.onListening?.(await describe(server, url));
  return {
    url,
    close: async ({ graceMs = 10_000 } = {}) => {
      // They are under way for as long as somebody listens, and would keep it from closing.
      server.endSubscriptions();
      await close(http, graceMs);
    },
  };
}

async function describe({ tokens }: WorkflowServer, url: string): Promise<string> {
  const isOpen = await tokens.areConfigured().catch(() => true);
  if (isOpen) return `Listening on ${url}`;
  return `Listening on ${url}. No API tokens are configured: only programs on this machine are served`;
}

function urlOf(http: Server, hostname: string): string {
  const { port } = http.address() as AddressInfo;
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

async function close(http: Server, graceMs: number): Promise<void> {
  const closed = once(http, "close");
  http.close();
  http.closeIdleConnections();
  const sweep = setInterval(() => http.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => http.closeAllConnections(), graceMs);
  await closed.finally(() => {
    clearInterval(sweep);
    clearTimeout(cut);
  });
}

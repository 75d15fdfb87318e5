/** Serves a project's `fetch` handler over HTTP. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "srvx/node";
import { ProjectError, messageOf } from "../errors.ts";
import { GRACE_MS } from "../host/background-work.ts";
import type { Project } from "../project.ts";

/** How often a closing server looks for connections that are not needed any more. */
const SWEEP_MS = 50;

/** A handler of Node's own requests. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface ServeOptions {
  /** 0 takes a free one. @defaultValue 8787, wrangler's */
  readonly port?: number;
  /** @defaultValue "localhost" */
  readonly hostname?: string;
  /** Who answers in place of the project, by what the path begins with. */
  readonly mounts?: Readonly<Record<string, NodeHandler>>;
  /** Told what a handler threw; the client gets a 500 without it. */
  readonly onError?: (error: unknown, request: Request) => void;
}

export interface ServedProject {
  readonly url: string;
  /** Takes no more requests, and waits up to 30 seconds for those being answered. */
  close(): Promise<void>;
}

/** @throws {@link ProjectError} `project.cannot_listen` */
export async function serveProject(
  project: Project,
  options: ServeOptions = {},
): Promise<ServedProject> {
  const { port = 8787, hostname = "localhost" } = options;
  const answer = toNodeHandler((request) =>
    respond(project, toNative(request), options),
  ) as NodeHandler;
  const mounts = Object.entries(options.mounts ?? {});
  const server = createServer((request, response) => {
    const [, mounted] = mounts.find(([path]) => request.url?.startsWith(path)) ?? [];
    void (mounted ?? answer)(request, response);
  });
  await listen(server, port, hostname);
  const { port: taken } = server.address() as AddressInfo;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return { url: `http://${host}:${taken}`, close: async () => await close(server) };
}

async function respond(
  project: Project,
  request: Request,
  { onError }: ServeOptions,
): Promise<Response> {
  if (!project.fetch) {
    return new Response("This project has no fetch handler\n", { status: 404 });
  }
  try {
    return await project.fetch(request);
  } catch (error) {
    onError?.(error, request);
    return new Response("Internal Server Error\n", { status: 500 });
  }
}

/** Code may hand the request to `new Request`, which takes only what Node made itself. */
function toNative(request: Request & { readonly _request?: Request }): Request {
  const key = "_request";
  return request[key] ?? request;
}

async function listen(server: Server, port: number, hostname: string): Promise<void> {
  try {
    server.listen(port, hostname);
    await once(server, "listening");
  } catch (error) {
    throw new ProjectError(
      "project.cannot_listen",
      `Cannot listen on port ${port} of ${hostname}: ${messageOf(error)}. Choose another port.`,
      { cause: error },
    );
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // A connection whose answer is sent from now on would stay open for seconds.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

/**
 * The one port of `dev`: the REST API, and beside it the fetch handler of a Cloudflare project.
 *
 * It stays open while versions of the code come and go.
 */
import { once } from "node:events";
import { createServer, request as requestOf } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { WorkflowServer } from "@bullmq-workflows/server";
import { toNodeHandler } from "@bullmq-workflows/server/node";
import { CommandError } from "../command.ts";

export interface FrontDoorOptions {
  readonly server: WorkflowServer;
  readonly port: number;
  readonly hostname: string;
  /** Whether it is too early to say what there is. */
  readonly isStarting: () => boolean;
  /** Whether there is, or will be, a handler for what is not of the API. */
  readonly hasHandler: () => boolean;
  /** Where it answers now. */
  readonly handlerPort: () => number | undefined;
}

export interface FrontDoor {
  readonly url: string;
  /** Takes no more requests, and waits a little for those under way. */
  close(): Promise<void>;
}

const GRACE_MS = 10_000;
const SWEEP_MS = 50;

/** Of the API's errors, what is worth repeating. */
const UNAVAILABLE = 10_001;

/** What a proxy must not pass on: it is about one connection. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding"]);

/** @throws {@link CommandError} when the port is taken. */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const { server, port, hostname, isStarting, hasHandler, handlerPort } = options;
  const answer = toNodeHandler(server);
  const http = createServer((request, response) => {
    const path = request.url ?? "/";
    if (isStarting()) return holdOff(response, path);
    if (isOfApi(path)) return answer(request, response);
    if (!hasHandler()) return path === "/" ? leadOn(response) : answer(request, response);
    const target = handlerPort();
    if (target === undefined) return refuse(response);
    pass(request, response, target);
  });
  await listen(http, port, hostname);
  const { port: taken } = http.address() as AddressInfo;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${taken}`,
    close: async () => {
      // They are under way for as long as somebody listens.
      server.endSubscriptions();
      await close(http);
    },
  };
}

function isOfApi(path: string): boolean {
  return /^\/(?:client\/v4|cdn-cgi)\//.test(path);
}

/** Whoever opens the address that `dev` says is shown what there is at it. */
function leadOn(response: ServerResponse): void {
  response.writeHead(302, { location: "/client/v4/docs" });
  response.end();
}

const STARTING = "The code is being loaded for the first time: try again in a moment";

/** Of the API in the API's form: without the code there are no workflows yet, which is no 404. */
function holdOff(response: ServerResponse, path: string): void {
  if (!isOfApi(path)) return refuse(response, STARTING);
  const errors = [{ code: UNAVAILABLE, message: STARTING }];
  const body = JSON.stringify({ success: false, errors, messages: [], result: null });
  refuse(response, body, "application/json");
}

function refuse(
  response: ServerResponse,
  text = "The project does not run at the moment: its terminal says why",
  type = "text/plain",
): void {
  response.writeHead(503, { "content-type": type, "retry-after": "1" });
  response.end(`${text}\n`);
}

function pass(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, headers } = request;
  const onward = requestOf({
    host: "127.0.0.1",
    port,
    method,
    path,
    headers: withoutHops(headers),
  });
  onward.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, withoutHops(answer.headers));
    answer.pipe(response);
    answer.on("error", () => void response.destroy());
  });
  onward.on("error", () => {
    if (response.headersSent) response.destroy();
    else refuse(response);
  });
  response.on("close", () => {
    if (!response.writableEnded) onward.destroy();
  });
  request.pipe(onward);
}

function withoutHops(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}

async function listen(http: Server, port: number, hostname: string): Promise<void> {
  try {
    http.listen(port, hostname);
    await once(http, "listening");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `Cannot listen on port ${port} of ${hostname}: ${reason}. Choose another with \`--port\`; 0 takes a free one.`,
    );
  }
}

async function close(http: Server): Promise<void> {
  const closed = once(http, "close");
  http.close();
  http.closeIdleConnections();
  const sweep = setInterval(() => http.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => http.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

/** A small HTTP service on a free port of the loopback interface that speaks JSON. */
export interface HttpService {
  readonly url: string;
  close(): Promise<void>;
}

interface Handlers {
  readonly handle: (request: IncomingMessage) => Promise<Reply>;
  /** The caller went away before it had its answer. */
  readonly onHangUp?: () => void;
}

export async function startHttpService({ handle, onHangUp }: Handlers): Promise<HttpService> {
  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) onHangUp?.();
    });
    void answer(handle(request), response);
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

async function answer(pending: Promise<Reply>, response: ServerResponse): Promise<void> {
  const { status, body = {} } = await pending.catch((error: unknown): Reply => ({
    status: 500,
    body: { reason: String(error) },
  }));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

export async function readJson<Body>(request: IncomingMessage): Promise<Body> {
  return (await json(request)) as Body;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

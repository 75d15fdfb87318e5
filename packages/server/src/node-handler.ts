/**
 * The server as a handler of Node's own requests: for Express, Nest, Fastify, and `node:http` itself.
 *
 * Whoever mounts it may have cut off the beginning of the path, or have taken the body off the wire and
 * parsed it. Both are undone, so that the server sees what the client sent.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { WorkflowServer } from "./create-server.ts";

/** Answers a request. It never calls on to what is mounted after it. */
export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** What frameworks and body parsers leave on a request. */
interface Handled extends IncomingMessage {
  /** The path before a framework cut off what it was mounted under. */
  readonly originalUrl?: string;
  readonly body?: unknown;
  /** Read by Hono's adapter in place of what comes from the wire. */
  rawBody?: unknown;
}

/**
 * The server as a handler for frameworks on `node:http`.
 *
 * Mount it under the server's `basePath`. The caller's address is that of his connection; what proxies say
 * of it is not believed.
 *
 * @example
 * ```ts ignore
 * const app = express();
 * app.use("/client/v4", toNodeHandler(createServer({ engine })));
 * ```
 */
export function toNodeHandler(server: Pick<WorkflowServer, "fetch">): NodeHandler {
  const answer = getRequestListener(
    async (request, { incoming }) => await server.fetch(request, { incoming }),
    // The host's own `Request` and `Response` stay what they are.
    { overrideGlobalObjects: false },
  );
  return (incoming, outgoing) => {
    restore(incoming);
    void answer(incoming, outgoing);
  };
}

function restore(incoming: Handled): void {
  if (incoming.originalUrl !== undefined) incoming.url = incoming.originalUrl;
  const { body, rawBody } = incoming;
  const isOnTheWire = !incoming.readableDidRead || body === undefined;
  if (isOnTheWire || Buffer.isBuffer(rawBody)) return;
  incoming.rawBody = Buffer.isBuffer(body) ? body : Buffer.from(toText(incoming, body));
}

/** A parser of texts leaves the body as it was; one of JSON may leave a text too, without its quotes. */
function toText({ headers }: Handled, body: unknown): string {
  const isJson = /\bjson\b/i.test(headers["content-type"] ?? "");
  return typeof body === "string" && !isJson ? body : JSON.stringify(body);
}

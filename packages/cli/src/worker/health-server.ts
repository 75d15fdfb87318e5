/**
 * Answers whoever looks after the process: `/healthz`, whether it lives, and `/readyz`, whether it takes work.
 *
 * A worker that waits for Redis lives: a restart would mend nothing, and would drop what it still knows.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandError } from "../command.ts";

export interface Readiness {
  readonly isReady: boolean;
  /** `starting`, `ready`, `stopping`, or what is wrong. */
  readonly status: string;
}

export interface HealthOptions {
  readonly port: number;
  readonly hostname: string;
  readonly readiness: () => Promise<Readiness>;
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws {@link CommandError} when the port is taken. */
export async function serveHealth(options: HealthOptions): Promise<HealthServer> {
  const { port, hostname, readiness } = options;
  const http = createServer((request, response) => {
    const [path] = (request.url ?? "").split("?");
    if (path === "/healthz") return answer(response, 200, "ok");
    if (path !== "/readyz") return answer(response, 404, "there are /healthz and /readyz");
    void readiness().then(({ isReady, status }) => answer(response, isReady ? 200 : 503, status));
  });
  try {
    http.listen(port, hostname);
    await once(http, "listening");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`Cannot listen on \`--health-port\` ${port} of ${hostname}: ${reason}`);
  }
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${(http.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

function answer(response: ServerResponse, code: number, status: string): void {
  response.writeHead(code, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify({ status })}\n`);
}

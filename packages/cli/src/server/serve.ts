/** Serves the REST API until a signal ends it. */
import { createServer } from "@bullmq-workflows/server";
import type { WorkflowServer } from "@bullmq-workflows/server";
import { listen } from "@bullmq-workflows/server/node";
import type { Listener } from "@bullmq-workflows/server/node";
import { WorkflowEngine } from "bullmq-workflows";
import type { Logger } from "bullmq-workflows";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { createLog } from "../log/log-writer.ts";
import type { LogOptions } from "../log/log-writer.ts";
import { Shutdown } from "../shutdown.ts";
import type { Terminal } from "../terminal.ts";

export interface ServeOptions {
  readonly redisUrl: string;
  readonly prefix: string | undefined;
  /** The first is that of new tokens that name none. */
  readonly namespaces: readonly string[];
  readonly port: number | undefined;
  readonly hostname: string | undefined;
  readonly basePath: string | undefined;
  readonly trustProxy: number | readonly string[] | undefined;
  readonly allowPrivateWebhooks: boolean;
  readonly log: LogOptions;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;

/** Resolves with the exit code. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<number> {
  const log = createLog(terminal, options.log);
  const shutdown = new Shutdown();
  try {
    const server = open(options, log, shutdown);
    const { hostname = "127.0.0.1" } = options;
    if (!LOOPBACK.test(hostname)) await demandTokens(server, hostname);
    const listener = await listenOn(server, options, (message) => log("info", message));
    shutdown.atEnd(async () => await listener.close());
    const signal = await shutdown.requested;
    log("info", "the server ends: it takes no more requests", { signal });
  } finally {
    await shutdown.close();
  }
  return EXIT.ok;
}

function open(
  { redisUrl, prefix, namespaces, basePath, trustProxy, allowPrivateWebhooks }: ServeOptions,
  logger: Logger,
  shutdown: Shutdown,
): WorkflowServer {
  const [namespace] = namespaces;
  const engine = new WorkflowEngine({
    connection: redisUrl,
    mode: "client",
    logger,
    ...(prefix !== undefined && { prefix }),
    ...(namespace !== undefined && { namespace }),
  });
  shutdown.atEnd(async () => await engine.close());
  const server = createServer({
    engine,
    logger,
    webhooks: { allowPrivateNetworks: allowPrivateWebhooks },
    ...(namespaces.length > 0 && { namespaces }),
    ...(basePath !== undefined && { basePath }),
    ...(trustProxy !== undefined && { trustProxy }),
  });
  shutdown.atEnd(async () => await server.close());
  return server;
}

/** A server that would refuse everybody who can reach it is a mistake, and better found now. */
async function demandTokens(server: WorkflowServer, hostname: string): Promise<void> {
  if (await server.tokens.areConfigured()) return;
  throw new CommandError(
    `No API tokens are configured, so only programs on this machine are served; listening on ${hostname} ` +
      "would let others in to be refused. Create a token first, `bullmq-workflows tokens create --help` says " +
      "how, or leave out `--host`.",
  );
}

async function listenOn(
  server: WorkflowServer,
  { port, hostname }: ServeOptions,
  onListening: (message: string) => void,
): Promise<Listener> {
  try {
    return await listen(server, {
      onListening,
      ...(port !== undefined && { port }),
      ...(hostname !== undefined && { hostname }),
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE" && code !== "EACCES" && code !== "EADDRNOTAVAIL") throw error;
    throw new CommandError(
      `Cannot listen on port ${port ?? 8080} of ${hostname ?? "127.0.0.1"}: ${code}. ` +
        "Choose another with `--port` or `--host`; port 0 takes a free one.",
    );
  }
}

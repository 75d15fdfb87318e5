/** Serves the REST API until a signal ends it. */
import type { WorkflowServer } from "@bullmq-workflows/server";
import { listen } from "@bullmq-workflows/server/node";
import type { Listener } from "@bullmq-workflows/server/node";
import type { Logger } from "bullmq-workflows";
import { CommandError } from "../command.ts";
import { demandAnswer } from "../connection/client-engine.ts";
import { withoutSecrets } from "../connection/place.ts";
import { EXIT } from "../exit-codes.ts";
import { createLog } from "../log/log-writer.ts";
import type { LogOptions } from "../log/log-writer.ts";
import { Shutdown } from "../shutdown.ts";
import type { Terminal } from "../terminal.ts";
import { given } from "../given.ts";
import { openServer } from "./open-server.ts";

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

const SAY_WHICH = "Say which Redis with --redis or REDIS_URL.";

/** Resolves with the exit code. @throws {@link CommandError} when there is no Redis, or no port to listen on. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<number> {
  const log = createLog(terminal, options.log);
  const { redisUrl } = options;
  await demandAnswer(redisUrl, withoutSecrets(redisUrl), SAY_WHICH);
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
  const parts = {
    place: { url: redisUrl, prefix, namespace: namespaces[0] },
    logger,
    webhooks: { allowPrivateNetworks: allowPrivateWebhooks },
    ...(namespaces.length > 0 && { namespaces }),
    ...given({ basePath, trustProxy }),
  };
  return openServer(parts, shutdown).server;
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

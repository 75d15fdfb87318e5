/**
 * Everything that it takes to write a workflow: a Redis, the code in a process of its own, the REST API, and
 * an eye on the files.
 *
 * Redis and the API stay while versions of the code come and go, so instances do too.
 */
import { relative, resolve } from "node:path";
import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import type { WorkflowServer } from "@bullmq-workflows/server";
import { namespaceOf } from "bullmq-workflows/internal";
import { EXIT } from "../exit-codes.ts";
import { toEngineLogger } from "../log/engine-log.ts";
import { findTarget } from "../program/target.ts";
import type { Target } from "../program/target.ts";
import { openServer } from "../server/open-server.ts";
import { Shutdown } from "../shutdown.ts";
import type { Terminal } from "../terminal.ts";
import { DevScreen } from "./dev-screen.ts";
import { openFrontDoor } from "./front-door.ts";
import { Versions } from "./versions.ts";
import { WatchedFiles } from "./watched-files.ts";

export interface DevOptions {
  readonly entry: string;
  readonly port: number;
  readonly hostname: string;
  readonly redisUrl: string | undefined;
  readonly dataDir: string | undefined;
  readonly prefix: string | undefined;
  readonly namespace: string | undefined;
  readonly environment: string | undefined;
  readonly bindingsFile: string | undefined;
}

/** Resolves with the exit code when a signal has ended it. */
export async function develop(options: DevOptions, terminal: Terminal): Promise<number> {
  const shutdown = new Shutdown();
  try {
    // Code that never comes to an end while it loads can be interrupted too.
    await Promise.race([start(options, terminal, shutdown), shutdown.requested]);
    const signal = await shutdown.requested;
    terminal.say(`${signal}: letting running steps end. Again ends at once.`);
  } finally {
    await shutdown.close();
  }
  return EXIT.ok;
}

async function start(options: DevOptions, terminal: Terminal, shutdown: Shutdown): Promise<void> {
  const startedAt = performance.now();
  const target = findTarget(options.entry);
  const redis = await startServer({
    url: options.redisUrl,
    dataDir: options.dataDir,
    onWarning: (line) => terminal.warn(line),
  });
  shutdown.atEnd(async () => await redis.close());
  const screen = new DevScreen({ terminal, directory: target.directory, startedAt });
  const { server, namespace } = serveApi(options, redis, terminal, shutdown);

  const { prefix, environment, bindingsFile } = options;
  const isEmbedded = redis.kind !== "external";
  const versions = new Versions(
    { target, redisUrl: redis.url, isEmbedded, prefix, namespace, environment, bindingsFile },
    {
      onLoaded: (program, tookMs, cause) => screen.sayLoaded(program, tookMs, cause),
      onFailed: (failure, isRunning) => screen.sayFailed(failure, isRunning),
      onCrashed: (how, isBack) => screen.sayCrashed(how, isBack),
      onFiles: async (files) => await watched.follow(files),
    },
  );
  const watched = watch(options, target, async (file) => {
    await versions.load(relative(target.directory, file));
  });
  shutdown.atEnd(async () => {
    endWithNextSignal(versions);
    await watched.close();
    await versions.close();
  });
  const door = await openFrontDoor({
    server,
    port: options.port,
    hostname: options.hostname,
    isStarting: () => versions.isStarting,
    hasHandler: () =>
      target.type === "project" && (!versions.current || versions.current.port !== undefined),
    handlerPort: () => versions.current?.port,
  });
  shutdown.atEnd(async () => await door.close());
  screen.begin({ file: target.file, redis: redis.description, url: door.url, namespace });
  await versions.load();
}

/** Code that does not let go must not outlive this process. */
function endWithNextSignal(versions: Versions): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      versions.kill();
      process.exit(EXIT.interrupted);
    });
  }
}

function serveApi(
  { prefix, namespace }: DevOptions,
  redis: EmbeddedServer,
  terminal: Terminal,
  shutdown: Shutdown,
): { readonly server: WorkflowServer; readonly namespace: string } {
  const parts = {
    place: { url: redis.url, prefix, namespace },
    logger: toEngineLogger(terminal, { isOwnRedis: redis.kind !== "external" }),
    // Who develops is alone, and so may have his webhooks told on his own machine.
    rateLimit: false,
    webhooks: { allowLoopback: true },
    localExplorer: true,
  } as const;
  const { server, engine } = openServer(parts, shutdown);
  return { server, namespace: namespaceOf(engine) };
}

function watch(
  { bindingsFile, dataDir }: DevOptions,
  { directory, file, isPackage }: Target,
  onChange: (file: string) => Promise<void>,
): WatchedFiles {
  return new WatchedFiles({
    directory,
    isDeep: isPackage,
    further: [file, ...(bindingsFile === undefined ? [] : [bindingsFile])],
    ignored: dataDir === undefined ? [] : [resolve(dataDir)],
    onChange: (changed) => void onChange(changed),
  });
}

/** Runs a whole Cloudflare project, its workflows and its fetch handler, in this process. */
import { inspect } from "node:util";
import { loadBindings, runProject, serveProject } from "@bullmq-workflows/cloudflare";
import type { Project, WorkflowConfig } from "@bullmq-workflows/cloudflare";
import { startServer } from "@bullmq-workflows/embedded";
import { createServer } from "@bullmq-workflows/server";
import { toNodeHandler } from "@bullmq-workflows/server/node";
import { given } from "./given.ts";
import { toEngineLogger } from "./log/engine-log.ts";
import { Shutdown } from "./shutdown.ts";
import type { Terminal } from "./terminal.ts";

/** What `wrangler workflows … --local` calls, on the same port as the project, as `wrangler dev` has it. */
const EXPLORER = "/cdn-cgi/local/explorer/";

export interface RunOptions {
  readonly directory: string;
  readonly port: number | undefined;
  readonly hostname: string | undefined;
  readonly redisUrl: string | undefined;
  readonly dataDir: string | undefined;
  readonly environment: string | undefined;
  readonly bindingsFile: string | undefined;
  readonly prefix: string | undefined;
}

/** Resolves when a signal has ended it. */
export async function runHere(options: RunOptions, terminal: Terminal): Promise<void> {
  process.setSourceMapsEnabled(true);
  const shutdown = new Shutdown();
  try {
    await start(options, terminal, shutdown);
    const signal = await shutdown.requested;
    terminal.say(`${signal}: letting running steps end. Again ends at once.`);
  } finally {
    await shutdown.close();
  }
}

async function start(options: RunOptions, terminal: Terminal, shutdown: Shutdown): Promise<void> {
  const { directory, environment, bindingsFile, redisUrl, dataDir, prefix, ...address } = options;
  const bindings = bindingsFile === undefined ? {} : await loadBindings(bindingsFile);
  const redis = await startServer({
    url: redisUrl,
    dataDir,
    onWarning: (line) => terminal.warn(line),
  });
  shutdown.atEnd(async () => await redis.close());
  const project = await runProject({
    directory,
    environment,
    bindings,
    connection: redis.url,
    engine: {
      logger: toEngineLogger(terminal, { isOwnRedis: redis.kind !== "external" }),
      ...given({ prefix }),
    },
  });
  shutdown.atEnd(async () => await project.close());
  await project.engine.ready();
  describeProject(project, redis.description, terminal);
  const explorer = createServer({ engine: project.engine, localExplorer: true });
  shutdown.atEnd(async () => await explorer.close());
  const served = await serveProject(project, {
    mounts: { [EXPLORER]: toNodeHandler(explorer) },
    ...(address.port !== undefined && { port: address.port }),
    ...(address.hostname !== undefined && { hostname: address.hostname }),
    onError: (error, request) => {
      terminal.warn(`${request.method} ${request.url} failed: ${inspect(error)}`);
    },
  });
  shutdown.atEnd(async () => await served.close());
  const whom = project.fetch ? "" : " for wrangler --local alone: there is no fetch handler";
  terminal.say(`Ready on ${served.url}${whom}`);
}

function describeProject(project: Project, redis: string, terminal: Terminal): void {
  const { config, warnings } = project;
  const where = config.environment === undefined ? "" : `, environment ${config.environment}`;
  terminal.say(`${config.scriptName ?? "Project"} (${config.file}${where})`);
  terminal.say(`  Redis     ${redis}`);
  for (const workflow of config.workflows)
    terminal.say(`  Workflow  ${describeWorkflow(workflow)}`);
  if (config.varsFile !== undefined) terminal.say(`  Variables ${config.varsFile}`);
  for (const warning of warnings) terminal.warn(`  Note      ${warning}`);
}

function describeWorkflow(workflow: WorkflowConfig): string {
  const { name, className, binding, externalScript, concurrencyLimit } = workflow;
  const access = binding === undefined ? `ctx.exports.${className}` : `env.${binding}`;
  const place =
    externalScript === undefined ? `runs ${className} here` : `runs in "${externalScript}"`;
  const limit = concurrencyLimit === undefined ? "" : `, ${concurrencyLimit} at once`;
  return `${name}: ${access}, ${place}${limit}`;
}

/** `run <folder>`: a whole Cloudflare project, its workflows and its fetch handler, in this process. */
import { resolve } from "node:path";
import { inspect } from "node:util";
import { loadBindings, runProject, serveProject } from "@bullmq-workflows/cloudflare";
import type { Project, WorkflowConfig } from "@bullmq-workflows/cloudflare";
import { startServer } from "@bullmq-workflows/embedded";
import type { Logger } from "bullmq-workflows";
import { UsageError } from "../command.ts";
import type { Command, CommandCall } from "../command.ts";
import { Shutdown } from "../shutdown.ts";
import type { Terminal } from "../terminal.ts";

const HELP = `Usage: bullmq-workflows run [folder] [options]

Runs the project in the folder, by default this one: the workflows of its wrangler.jsonc, wrangler.json or
wrangler.toml, and its fetch handler.

  --port <number>     where the fetch handler answers; 0 takes a free port (default 8787)
  --host <name>       the address it listens on (default localhost)
  --redis <url>       the Redis to use (default: REDIS_URL, else a server of its own is started)
  --persist <folder>  where a server of its own keeps its data (default: nowhere)
  --env <name>        a named environment of the configuration
  --bindings <file>   exports \`bindings\`: what \`env\` holds beside workflows and variables
  --prefix <text>     begins every key in Redis (default bw)`;

export const run: Command = {
  name: "run",
  summary: "Runs a Cloudflare Workflows project",
  help: HELP,
  options: {
    port: { type: "string" },
    host: { type: "string" },
    redis: { type: "string" },
    persist: { type: "string" },
    env: { type: "string" },
    bindings: { type: "string" },
    prefix: { type: "string" },
  },
  execute: async (call) => await execute(readOptions(call), call.terminal),
};

interface RunOptions {
  readonly directory: string;
  readonly port: number | undefined;
  readonly hostname: string | undefined;
  readonly redisUrl: string | undefined;
  readonly dataDir: string | undefined;
  readonly environment: string | undefined;
  readonly bindingsFile: string | undefined;
  readonly prefix: string | undefined;
}

function readOptions({ values, positionals }: CommandCall): RunOptions {
  if (positionals.length > 1) {
    throw new UsageError(`Expected one folder, got ${positionals.join(", ")}`);
  }
  const text = (name: string): string | undefined => values[name] as string | undefined;
  return {
    directory: resolve(positionals[0] ?? "."),
    port: readPort(text("port")),
    hostname: text("host"),
    redisUrl: text("redis") ?? process.env["REDIS_URL"],
    dataDir: text("persist"),
    environment: text("env"),
    bindingsFile: text("bindings"),
    prefix: text("prefix"),
  };
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`Expected \`--port\` to be a number from 0 to 65535, got \`${text}\``);
}

async function execute(options: RunOptions, terminal: Terminal): Promise<number> {
  process.setSourceMapsEnabled(true);
  const shutdown = new Shutdown();
  try {
    await start(options, terminal, shutdown);
    const signal = await shutdown.requested;
    terminal.say(`${signal}: letting running steps end. Again ends at once.`);
  } finally {
    await shutdown.close();
  }
  return 0;
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
    engine: { logger: toLogger(terminal), ...(prefix !== undefined && { prefix }) },
  });
  shutdown.atEnd(async () => await project.close());
  await project.engine.ready();
  describeProject(project, redis.description, terminal);
  if (!project.fetch) return terminal.say("Ready; there is no fetch handler to serve.");
  const served = await serveProject(project, {
    ...(address.port !== undefined && { port: address.port }),
    ...(address.hostname !== undefined && { hostname: address.hostname }),
    onError: (error, request) => {
      terminal.warn(`${request.method} ${request.url} failed: ${inspect(error)}`);
    },
  });
  shutdown.atEnd(async () => await served.close());
  terminal.say(`Ready on ${served.url}`);
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

/** What needs no one's attention is left out. */
function toLogger(terminal: Terminal): Logger {
  return (level, message, facts) => {
    if (level !== "warn" && level !== "error") return;
    const rest = facts && Object.keys(facts).length > 0 ? ` ${inspect(facts)}` : "";
    terminal.warn(`${level}: ${message}${rest}`);
  };
}

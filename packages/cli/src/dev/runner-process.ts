/**
 * The process that runs one version of the code.
 *
 * It loads everything else first and waits to be told what to load: a version that is wanted then starts
 * in the time that its own code takes. It ends when it is told to, and when who started it is gone.
 */
import { serveProject } from "@bullmq-workflows/cloudflare";
import { WorkflowEngineError } from "bullmq-workflows";
import { inspect } from "node:util";
import { given } from "../given.ts";
import { toEngineLogger } from "../log/engine-log.ts";
import { openProgram } from "../program/program.ts";
import type { Program } from "../program/program.ts";
import { openTerminal } from "../terminal.ts";
import type { Failure, FromRunner, LoadedProgram, LoadRequest, ToRunner } from "./messages.ts";
import { endWithParent } from "./parent-watch.ts";

const terminal = openTerminal();
const closings: (() => Promise<void>)[] = [];
let program: Program | undefined;
let isClosing = false;

endWithParent();
process.setSourceMapsEnabled(true);
process.on("disconnect", () => process.exit());
process.on("message", (message: ToRunner) => {
  if (message.type === "load") return void load(message.request);
  if (message.isForced) void program?.close({ force: true });
  void close();
});
tell({ type: "warm" });

async function load(request: LoadRequest): Promise<void> {
  try {
    tell({ type: "loaded", program: await start(request) });
  } catch (error) {
    tell({ type: "failed", failure: toFailure(error) });
  }
}

async function start(request: LoadRequest): Promise<LoadedProgram> {
  const { target, redisUrl, environment, bindingsFile, prefix, namespace } = request;
  // For modules that make an engine of their own.
  process.env["REDIS_URL"] = redisUrl;
  const opened = await openProgram({
    target,
    connection: redisUrl,
    environment,
    bindingsFile,
    onBundled: (files) => tell({ type: "bundled", files }),
    engine: {
      ...given({ prefix, namespace }),
      logger: toEngineLogger(terminal, { isOwnRedis: request.isEmbedded }),
    },
  });
  program = opened;
  closings.push(async () => await opened.close());
  await opened.engine.ready();
  const { title, workflows, notes } = opened;
  const port = await serve(opened);
  return { title, workflows, notes, ...(port !== undefined && { port }) };
}

async function serve({ project }: Program): Promise<number | undefined> {
  if (!project?.fetch) return undefined;
  const served = await serveProject(project, {
    port: 0,
    hostname: "127.0.0.1",
    onError: (error, request) => {
      terminal.warn(`${request.method} ${request.url} failed: ${inspect(error)}`);
    },
  });
  closings.push(async () => await served.close());
  return Number(new URL(served.url).port);
}

async function close(): Promise<void> {
  if (isClosing) return;
  isClosing = true;
  for (let next = closings.pop(); next; next = closings.pop()) {
    await next().catch((error: unknown) => terminal.warn(inspect(error)));
  }
  // What the code left running, timers for one, does not keep it.
  process.exit();
}

function tell(message: FromRunner): void {
  if (process.connected) process.send?.(message);
}

function toFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error) };
  if (!WorkflowEngineError.is(error)) return { message: error.message, stack: error.stack ?? "" };
  const { message, code, cause } = error;
  const isTheirs = code === "project.load_failed" && cause instanceof Error;
  return { message, code, ...(isTheirs && { stack: cause.stack ?? "" }) };
}

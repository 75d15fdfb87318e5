/** Runs the workflows of a module or a Cloudflare project, unattended, until a signal ends it. */
import { setTimeout as delay } from "node:timers/promises";
import type { DurabilityGrade, Logger, WorkflowEngine } from "bullmq-workflows";
import { checkStore } from "bullmq-workflows/internal";
import { withoutSecrets } from "../connection/place.ts";
import { EXIT } from "../exit-codes.ts";
import { given } from "../given.ts";
import { createLog } from "../log/log-writer.ts";
import type { LogOptions } from "../log/log-writer.ts";
import { openProgram } from "../program/program.ts";
import type { Program } from "../program/program.ts";
import { findTarget } from "../program/target.ts";
import { Shutdown } from "../shutdown.ts";
import type { Terminal } from "../terminal.ts";
import { serveHealth } from "./health-server.ts";
import type { Readiness } from "./health-server.ts";

export interface WorkerOptions {
  readonly entry: string;
  readonly redisUrl: string;
  readonly prefix: string | undefined;
  readonly namespace: string | undefined;
  readonly concurrency: number | undefined;
  readonly minimum: DurabilityGrade | undefined;
  readonly environment: string | undefined;
  readonly bindingsFile: string | undefined;
  readonly healthPort: number | undefined;
  readonly healthHost: string;
  /** How long running steps may go on after a signal; without it, as long as they take. */
  readonly graceMs: number | undefined;
  readonly log: LogOptions;
}

/** How long Redis may take to answer before the worker says that it is not ready. */
const PATIENCE_MS = 2_000;

type Phase = "starting" | "ready" | "stopping";

/** What the health endpoints look at. */
interface WorkerState {
  phase: Phase;
  engine?: WorkflowEngine<never>;
}

/** Resolves with the exit code. */
export async function work(options: WorkerOptions, terminal: Terminal): Promise<number> {
  process.setSourceMapsEnabled(true);
  const log = createLog(terminal, options.log);
  const shutdown = new Shutdown();
  const state: WorkerState = { phase: "starting" };
  try {
    await openHealth(options, state, shutdown, log);
    const program = await openWorker(options, log);
    state.engine = program.engine;
    shutdown.atEnd(async () => await stop(program, options.graceMs, log));
    tellOfWait(program.engine.ready(), options.redisUrl, log);
    await untilReady(program, state, shutdown, log);
    const signal = await shutdown.requested;
    state.phase = "stopping";
    log("info", "the worker takes nothing new, and lets running steps end", { signal });
  } finally {
    await shutdown.close();
  }
  log("info", "the worker has ended");
  return EXIT.ok;
}

async function openHealth(
  { healthPort, healthHost }: WorkerOptions,
  state: WorkerState,
  shutdown: Shutdown,
  log: Logger,
): Promise<void> {
  if (healthPort === undefined) return;
  const health = await serveHealth({
    port: healthPort,
    hostname: healthHost,
    readiness: async () => await readinessOf(state),
  });
  shutdown.atEnd(async () => await health.close());
  log("info", "the health endpoints answer", { url: health.url });
}

async function openWorker(options: WorkerOptions, logger: Logger): Promise<Program> {
  const { redisUrl, prefix, namespace, concurrency, minimum } = options;
  // For modules that make an engine of their own.
  process.env["REDIS_URL"] = redisUrl;
  const program = await openProgram({
    target: findTarget(options.entry),
    connection: redisUrl,
    environment: options.environment,
    bindingsFile: options.bindingsFile,
    engine: {
      mode: "worker",
      logger,
      ...given({ prefix, namespace, concurrency }),
      ...(minimum !== undefined && { durability: { minimum } }),
    },
  });
  for (const note of program.notes) logger("warn", note);
  return program;
}

/** Who reads the log of a worker that does nothing is told why, and where it looks. */
function tellOfWait(ready: Promise<void>, redisUrl: string, log: Logger): void {
  const timer = setTimeout(() => {
    log("warn", "nothing runs before Redis answers", { redis: withoutSecrets(redisUrl) });
  }, PATIENCE_MS);
  const stop = (): void => clearTimeout(timer);
  ready.then(stop, stop);
}

/** A Redis that is not there yet is waited for. A signal ends the wait. */
async function untilReady(
  { engine, workflows, title }: Program,
  state: WorkerState,
  shutdown: Shutdown,
  log: Logger,
): Promise<void> {
  const isReady = engine.ready().then(() => true);
  if ((await Promise.race([isReady, shutdown.requested])) !== true) return;
  state.phase = "ready";
  log("info", "the worker takes instances", { program: title, workflows });
}

async function stop(program: Program, graceMs: number | undefined, log: Logger): Promise<void> {
  const closed = program.close();
  if (graceMs === undefined) return await closed;
  const over = new AbortController();
  const isLate = delay(graceMs, true, { signal: over.signal }).catch(() => false);
  if (await Promise.race([closed.then(() => false), isLate])) {
    log("warn", "steps did not end in time, and are dropped: they run again elsewhere", {
      graceMs,
    });
    await program.close({ force: true });
  }
  over.abort();
}

async function readinessOf({ phase, engine }: WorkerState): Promise<Readiness> {
  if (phase !== "ready" || !engine) return { isReady: false, status: phase };
  const answered = checkStore(engine).then(
    () => true,
    () => false,
  );
  const isLate = delay(PATIENCE_MS, false, { ref: false });
  if (await Promise.race([answered, isLate])) return { isReady: true, status: phase };
  return { isReady: false, status: "Redis does not answer, or takes no writes" };
}

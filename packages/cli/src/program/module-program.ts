/**
 * A module that runs workflows. It has one of three forms, and the first that it has counts:
 *
 * - it exports engines that it made itself, on the Redis that `REDIS_URL` names;
 * - it exports `register`, which is called with an engine and registers what it likes;
 * - it exports classes that extend `WorkflowEntrypoint`: each is registered under its export's name.
 */
import { basename, relative } from "node:path";
import { loadModule, ProjectError } from "@bullmq-workflows/cloudflare";
import type { LoadedModule } from "@bullmq-workflows/cloudflare";
import { WorkflowEngine, WorkflowEngineError, WorkflowEntrypoint } from "bullmq-workflows";
import { registeredNamesOf } from "bullmq-workflows/internal";
import type { Program, ProgramOptions } from "./program.ts";

type Engine = WorkflowEngine<never>;
type WorkflowClass = new (...parameters: never[]) => WorkflowEntrypoint;
type Register = (engine: Engine) => unknown;

/** What a module has registered with engines, and what else is to be closed with them. */
interface Registered {
  readonly engines: readonly Engine[];
  readonly cleanUp?: () => unknown;
}

export async function openModule(options: ProgramOptions): Promise<Program> {
  const { target, onBundled } = options;
  const { directory, file } = target;
  const module = await loadModule(file, { directory, onBundled });
  const { engines, cleanUp } = await register(module, options);
  const [engine] = engines;
  const workflows = engines.flatMap((each) => registeredNamesOf(each));
  let cleanedUp: Promise<unknown> | undefined;
  const close: Program["close"] = async (closeOptions) => {
    await Promise.all(engines.map(async (each) => await each.close(closeOptions)));
    // A close that is forced meets one that waits.
    cleanedUp ??= Promise.resolve(cleanUp?.());
    await cleanedUp;
  };
  if (!engine || workflows.length === 0) {
    await close({ force: true });
    throw nothingToRun(file);
  }
  const title = relative(process.cwd(), file) || basename(file);
  return { title, engine, workflows, notes: [], close };
}

async function register(module: LoadedModule, options: ProgramOptions): Promise<Registered> {
  const engines = Object.values(module).filter((value) => isEngine(value));
  if (engines.length > 0) return { engines: [...new Set(engines)] };
  const engine: Engine = new WorkflowEngine({
    ...options.engine,
    connection: options.connection,
    ...(module["env"] !== undefined && { env: module["env"] }),
  });
  try {
    return { engines: [engine], ...(await registerWith(engine, module)) };
  } catch (error) {
    await engine.close({ force: true });
    throw error;
  }
}

async function registerWith(
  engine: Engine,
  module: LoadedModule,
): Promise<Pick<Registered, "cleanUp">> {
  const given = module["register"];
  if (typeof given === "function") {
    const cleanUp = await callRegister(given as Register, engine);
    return typeof cleanUp === "function" ? { cleanUp: cleanUp as () => unknown } : {};
  }
  const classes = new Set<WorkflowClass>();
  for (const [name, value] of Object.entries(module)) {
    // A class may be exported twice, by its name and as the default.
    if (!isWorkflowClass(value) || classes.has(value)) continue;
    classes.add(value);
    engine.register(value as never, { name: name === "default" ? value.name : name });
  }
  return {};
}

async function callRegister(given: Register, engine: Engine): Promise<unknown> {
  try {
    return await given(engine);
  } catch (error) {
    // What the library refuses says enough.
    if (WorkflowEngineError.is(error)) throw error;
    const text = error instanceof Error ? error.message : String(error);
    const message = `\`register\` of the module failed: ${text}`;
    throw new ProjectError("project.load_failed", message, { cause: error });
  }
}

function isEngine(value: unknown): value is Engine {
  return value instanceof WorkflowEngine;
}

function isWorkflowClass(value: unknown): value is WorkflowClass {
  return typeof value === "function" && value.prototype instanceof WorkflowEntrypoint;
}

function nothingToRun(file: string): ProjectError {
  return new ProjectError(
    "project.nothing_to_run",
    `${file} registers no workflow. Export classes that extend WorkflowEntrypoint, or ` +
      "`export function register(engine)` that registers them, or a WorkflowEngine of its own.",
  );
}

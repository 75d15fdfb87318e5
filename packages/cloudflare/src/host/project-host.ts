/** Holds a running project together: its `env` and `exports`, its engines, and what is to be closed. */
import { WorkflowEngine, WorkflowEngineError, WorkflowEntrypoint } from "bullmq-workflows";
import type { Workflow } from "bullmq-workflows";
import { provideAmbient } from "bullmq-workflows/cloudflare";
import type { ProjectConfig } from "../config/project-config.ts";
import type { WorkflowConfig } from "../config/workflow-config.ts";
import { messageOf } from "../errors.ts";
import type { Project, RunProjectOptions } from "../project.ts";
import { loadModule } from "../source/load-module.ts";
import type { LoadedModule } from "../source/load-module.ts";
import { BackgroundWork } from "./background-work.ts";
import { resolveBindings } from "./bindings.ts";
import { fillExports, findFetch, findIdleHandlers } from "./entrypoints.ts";
import type { EntrypointParts } from "./entrypoints.ts";
import { hostWorkflow } from "./hosted-workflow.ts";
import { createMissingBinding } from "./missing-binding.ts";
import { WorkflowBinding } from "./workflow-binding.ts";
import { toWorkflowOptions } from "./workflow-options.ts";

export class ProjectHost {
  readonly #options: RunProjectOptions;
  readonly #config: ProjectConfig;
  readonly #env: Record<string, unknown> = {};
  readonly #exports: Record<string, unknown> = {};
  readonly #workflows = new Map<string, Workflow>();
  readonly #onClose: (() => unknown)[] = [];
  readonly #background: BackgroundWork;
  readonly #engine: WorkflowEngine<object>;

  constructor(options: RunProjectOptions, config: ProjectConfig) {
    this.#options = options;
    this.#config = config;
    this.#background = new BackgroundWork((error) => {
      options.engine?.logger?.("warn", "work given to waitUntil failed", { error });
    });
    this.#engine = this.#openEngine();
  }

  async start(): Promise<Project> {
    const given = await this.#fillEnv();
    const waitUntil = (promise: Promise<unknown>): void => this.#background.add(promise);
    const parts: EntrypointParts = { env: this.#env, exports: this.#exports, waitUntil };
    provideAmbient({ ...parts, context: { waitUntil } });
    const { onBundled } = this.#options;
    const module = await loadModule(this.#config.main, { ...this.#config, onBundled });
    fillExports(this.#exports, module, parts);
    this.#register(module);
    return {
      config: this.#config,
      engine: this.#engine,
      env: this.#env,
      fetch: findFetch(module, parts),
      warnings: [
        ...this.#config.warnings,
        ...noteMissing(this.#config, given),
        ...noteIdleHandlers(module),
      ],
      close: async (options) => await this.close(options),
    };
  }

  async close(options: { readonly force?: boolean } = {}): Promise<void> {
    if (!options.force) await this.#background.settle();
    await this.#engine.close(options);
    for (let close = this.#onClose.pop(); close; close = this.#onClose.pop()) await close();
  }

  #openEngine(mode?: "client"): WorkflowEngine<object> {
    const { connection, engine } = this.#options;
    const { scriptName } = this.#config;
    return new WorkflowEngine({
      ...(scriptName !== undefined && { scriptName }),
      ...engine,
      ...(mode && { mode }),
      connection,
      env: this.#env,
    });
  }

  /** Before the project loads, as its files may look at `env` meanwhile. What stands later wins. */
  async #fillEnv(): Promise<object> {
    const { workflows, otherBindings, vars, environment } = this.#config;
    const onClose = (callback: () => unknown): void => void this.#onClose.push(callback);
    const given = await resolveBindings(this.#options.bindings ?? {}, {
      vars,
      environment,
      onClose,
    });
    Object.assign(this.#env, vars);
    if (this.#config.fillsProcessEnv) fillProcessEnv(vars);
    for (const { name, binding, className, externalScript } of workflows) {
      const bound = new WorkflowBinding(name, () => this.#workflows.get(name));
      if (binding !== undefined) this.#env[binding] = bound;
      if (externalScript === undefined) this.#exports[className] = bound;
    }
    for (const declared of otherBindings) {
      this.#env[declared.name] = createMissingBinding(declared);
    }
    Object.assign(this.#env, given);
    return given;
  }

  #register(module: LoadedModule): void {
    const own = this.#config.workflows.filter((config) => config.externalScript === undefined);
    // All are looked at before the first starts to run.
    const hosted = own.map((config) => ({
      config,
      workflowClass: hostWorkflow(module, config, this.#exports),
    }));
    for (const { config, workflowClass } of hosted) {
      this.#add(config, () => this.#engine.register(workflowClass, toWorkflowOptions(config)));
    }
    const external = this.#config.workflows.filter((config) => config.externalScript !== undefined);
    if (external.length === 0) return;
    const client = this.#openEngine("client");
    this.#onClose.push(async () => await client.close());
    for (const config of external) {
      this.#add(config, () => client.register(RunsElsewhere, toWorkflowOptions(config)));
    }
  }

  #add(config: WorkflowConfig, register: () => Workflow): void {
    try {
      this.#workflows.set(config.name, register());
    } catch (error) {
      if (!WorkflowEngineError.is(error)) throw error;
      throw config.declaredAt.error(`\`${config.declaredAt.path}\`: ${messageOf(error)}`);
    }
  }
}

function fillProcessEnv(vars: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(vars)) {
    process.env[name] = typeof value === "string" ? value : JSON.stringify(value);
  }
}

/** For a workflow of another Worker: this process only creates and commands its instances. */
class RunsElsewhere extends WorkflowEntrypoint {
  override async run(): Promise<never> {
    throw new Error("This workflow runs in the process of another project");
  }
}

function noteMissing({ otherBindings }: ProjectConfig, given: object): string[] {
  return otherBindings
    .filter(({ name }) => !(name in given))
    .map(({ name, kind }) => `env.${name} (${kind}) is declared and not given: using it fails`);
}

function noteIdleHandlers(module: LoadedModule): string[] {
  return findIdleHandlers(module).map((name) => `nothing calls the project's \`${name}\` handler`);
}

/** A project's workflow class as the engine gets it: the same, with Cloudflare's `ctx` around it. */
import { WorkflowEntrypoint } from "bullmq-workflows";
import type { ExecutionContext, WorkflowEvent, WorkflowStep } from "bullmq-workflows";
import { withAmbient } from "bullmq-workflows/cloudflare";
import type { WorkflowConfig } from "../config/workflow-config.ts";
import { ProjectError } from "../errors.ts";
import type { LoadedModule } from "../source/load-module.ts";
import { HostContext } from "./execution-context.ts";

export type HostedClass = new (ctx: ExecutionContext, env: unknown) => WorkflowEntrypoint;

/** @throws {@link ProjectError} `project.missing_export` */
export function hostWorkflow(
  module: LoadedModule,
  { className, declaredAt }: WorkflowConfig,
  exports: object,
): HostedClass {
  const exported = module[className];
  if (!isWorkflowClass(exported)) {
    const what = exported === undefined ? "does not export it" : "exports something else there";
    throw new ProjectError(
      "project.missing_export",
      `${declaredAt.file}: \`${declaredAt.path}\` names the class "${className}", and the entry point ` +
        `${what}. Export a class of that name that extends WorkflowEntrypoint.`,
    );
  }
  const projectClass: HostedClass = exported;
  class HostedWorkflow extends WorkflowEntrypoint {
    readonly #context: HostContext;
    readonly #workflow: WorkflowEntrypoint;

    constructor(ctx: ExecutionContext, env: unknown) {
      super(ctx, env);
      const waitUntil = (promise: Promise<unknown>): void => ctx.waitUntil(promise);
      const context = new HostContext({ exports, waitUntil });
      this.#context = context;
      this.#workflow = withAmbient({ context }, () => new projectClass(context, env));
    }

    // Looked up now, on the object: its constructor may have replaced it.
    override async run(event: Readonly<WorkflowEvent<unknown>>, step: WorkflowStep) {
      const context = this.#context;
      return await withAmbient({ context }, async () => await this.#workflow.run(event, step));
    }
  }
  // As others see it it is the project's.
  Object.defineProperty(HostedWorkflow, "name", { value: className });
  return HostedWorkflow;
}

function isWorkflowClass(value: unknown): value is HostedClass {
  if (typeof value !== "function") return false;
  const prototype: unknown = value.prototype;
  if (typeof prototype !== "object" || prototype === null) return false;
  // A class may bring `run` without our base class, when a package has a copy of it.
  return prototype instanceof WorkflowEntrypoint || "run" in prototype;
}

/** Something that runs workflows in this process, whichever way it was written. */
import type { WorkflowEngine, WorkflowEngineConfig } from "bullmq-workflows";
import type { Project } from "@bullmq-workflows/cloudflare";
import { openModule } from "./module-program.ts";
import { openProject } from "./project-program.ts";
import type { Target } from "./target.ts";

export interface ProgramOptions {
  readonly target: Target;
  readonly connection: string;
  /** Further options of the engine. */
  readonly engine: Omit<WorkflowEngineConfig, "connection" | "env">;
  /** Of a Cloudflare project: a named environment, and the file of other bindings. */
  readonly environment?: string | undefined;
  readonly bindingsFile?: string | undefined;
  /** Told which files it is made of, before it runs. */
  readonly onBundled?: ((files: readonly string[]) => void) | undefined;
}

export interface Program {
  readonly title: string;
  readonly engine: WorkflowEngine<never>;
  /** The names of the workflows that it runs. */
  readonly workflows: readonly string[];
  /** What is worth knowing, a sentence each. */
  readonly notes: readonly string[];
  /** Present when it answers requests too. */
  readonly project?: Project;
  /** Lets running steps end, unless forced. */
  close(options?: { readonly force?: boolean }): Promise<void>;
}

/**
 * Loads a program and starts to run its workflows.
 *
 * @throws {@link ProjectError} when it cannot be read, built or loaded; then nothing of it runs.
 */
export async function openProgram(options: ProgramOptions): Promise<Program> {
  return options.target.type === "project" ? await openProject(options) : await openModule(options);
}

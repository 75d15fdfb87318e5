import { loadBindings, runProject } from "@bullmq-workflows/cloudflare";
import { registeredNamesOf } from "bullmq-workflows/internal";
import type { Program, ProgramOptions } from "./program.ts";

export async function openProject(options: ProgramOptions): Promise<Program> {
  const { target, connection, engine, environment, bindingsFile, onBundled } = options;
  const bindings = bindingsFile === undefined ? {} : await loadBindings(bindingsFile);
  const { directory } = target;
  const project = await runProject({
    directory,
    connection,
    environment,
    bindings,
    engine,
    onBundled,
  });
  return {
    title: project.config.scriptName ?? "Project",
    engine: project.engine,
    workflows: registeredNamesOf(project.engine),
    notes: project.warnings,
    project,
    close: async (closeOptions) => await project.close(closeOptions),
  };
}

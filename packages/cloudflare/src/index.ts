/** Runs projects written for Cloudflare Workflows. */
export { ProjectError, type ProjectErrorCode } from "./errors.ts";
export type { ProjectConfig } from "./config/project-config.ts";
export type { DeclaredBinding } from "./config/other-bindings.ts";
export type { WorkflowConfig } from "./config/workflow-config.ts";
export type { Bindings, BindingsContext } from "./host/bindings.ts";
export { findConfigFile } from "./config/config-file.ts";
export { loadBindings } from "./source/load-bindings.ts";
export { loadModule, type LoadedModule, type LoadOptions } from "./source/load-module.ts";
export type { Project, RunProjectOptions } from "./project.ts";
export { runProject } from "./run-project.ts";
export { serveProject } from "./serve/serve-project.ts";
export type { NodeHandler, ServedProject, ServeOptions } from "./serve/serve-project.ts";

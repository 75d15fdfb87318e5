/** Begins projects from templates. */
export { createProject, ProjectExistsError } from "./create-project.ts";
export type { CreatedProject, CreateProjectOptions } from "./create-project.ts";
export { isTemplate, TEMPLATES } from "./templates.ts";
export type { Template } from "./templates.ts";

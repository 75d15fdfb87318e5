import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ProjectError } from "../errors.ts";
import type { Bindings } from "../host/bindings.ts";
import { loadModule } from "./load-module.ts";

/**
 * The bindings that a file exports under the name `bindings`.
 *
 * @throws {@link ProjectError} when it cannot be loaded, or exports none.
 */
export async function loadBindings(file: string): Promise<Bindings> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new ProjectError("project.invalid_option", `The file of bindings ${path} does not exist`);
  }
  const { bindings } = await loadModule(path, { directory: resolve(path, "..") });
  if (typeof bindings === "function" || (typeof bindings === "object" && bindings !== null)) {
    return bindings as Bindings;
  }
  throw new ProjectError(
    "project.invalid_option",
    `${path} must have \`export const bindings\`, an object with a value per binding or a function that ` +
      `answers with one, got \`${String(bindings)}\``,
  );
}

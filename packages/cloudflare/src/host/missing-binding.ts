/** Stands in `env` for a binding that the project declares and its host did not give. */
import type { DeclaredBinding } from "../config/other-bindings.ts";
import { ProjectError } from "../errors.ts";

/** Looked at by whatever prints, compares or awaits a value, which is no use of it yet. */
const HARMLESS = new Set(["then", "toJSON", "constructor", "asymmetricMatch", "nodeType"]);

export function createMissingBinding({ name, kind }: DeclaredBinding): object {
  const refuse = (): never => {
    throw new ProjectError(
      "project.missing_binding",
      `env.${name} (${kind}) is declared by the project, but there is none here. Give an object that ` +
        `does what the project needs of it: \`bindings: { ${name}: … }\` of runProject, or ` +
        `\`--bindings <file>\` with \`export const bindings = { ${name}: … }\`.`,
    );
  };
  return new Proxy(function missing() {}, {
    get: (_, key) => (typeof key === "symbol" || HARMLESS.has(key) ? undefined : refuse()),
    set: refuse,
    apply: refuse,
    construct: refuse,
  });
}

/** The settings that hold: those of the file's top level, or of one of its named environments. */
import { BINDING_KEYS } from "./other-bindings.ts";
import type { ConfigNode } from "./config-node.ts";
import { ProjectError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";

/** What a named environment has to repeat, as at Cloudflare; everything else it inherits. */
const NOT_INHERITED = new Set([...BINDING_KEYS, "vars", "define", "workflows", "exports"]);

export class Settings {
  readonly root: ConfigNode;
  readonly environment: string | undefined;
  readonly #section: ConfigNode;

  /** @throws {@link ProjectError} `project.invalid_option` when there is no such environment. */
  constructor(root: ConfigNode, environment?: string) {
    this.root = root;
    this.environment = environment;
    this.#section = environment === undefined ? root : root.at("env").at(environment);
    if (this.#section.isAbsent) throw unknownEnvironment(root, String(environment));
  }

  at(key: string): ConfigNode {
    const isInherited = !this.#section.has(key) && !NOT_INHERITED.has(key);
    return isInherited ? this.root.at(key) : this.#section.at(key);
  }

  /** The name of the Worker, to which a named environment adds its own. */
  get scriptName(): string | undefined {
    const name = this.root.at("name").optionalText();
    if (this.environment === undefined || this.#section.has("name")) {
      return this.#section.at("name").optionalText();
    }
    return name && `${name}-${this.environment}`;
  }

  /** Keys of this section, or those that it lacks although the top level has them and it needs them too. */
  get keys(): string[] {
    const inherited = this.root.entries().map(([key]) => key);
    return [...new Set([...inherited, ...this.#section.entries().map(([key]) => key)])];
  }

  get notInherited(): string[] {
    if (this.environment === undefined) return [];
    return [...NOT_INHERITED].filter((key) => this.root.has(key) && !this.#section.has(key));
  }
}

function unknownEnvironment(root: ConfigNode, environment: string): ProjectError {
  const names = root
    .at("env")
    .entries()
    .map(([name]) => name);
  const listed = names.map((name) => `"${name}"`).join(", ");
  const known = names.length === 0 ? "It has none" : `It has ${listed}`;
  return new ProjectError(
    "project.invalid_option",
    `${root.file} has no environment "${environment}". ${known}.${didYouMean(environment, names)}`,
  );
}

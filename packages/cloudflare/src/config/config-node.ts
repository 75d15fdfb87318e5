/** A value of a configuration file that knows where it stands, so that what is wrong with it can be said. */
import { ProjectError } from "../errors.ts";

export class ConfigNode {
  readonly file: string;
  /** As one would write it in code: `env.staging.workflows[0].name`; empty for the whole file. */
  readonly path: string;
  readonly value: unknown;

  constructor(file: string, path: string, value: unknown) {
    this.file = file;
    this.path = path;
    this.value = value;
  }

  get isAbsent(): boolean {
    return this.value === undefined;
  }

  /** Whether this is an object that has the key. */
  has(key: string): boolean {
    return isRecord(this.value) && Object.hasOwn(this.value, key);
  }

  /** The value under a key; an absent one when there is none. */
  at(key: string): ConfigNode {
    const value = isRecord(this.value) && this.has(key) ? this.value[key] : undefined;
    return new ConfigNode(this.file, this.path === "" ? key : `${this.path}.${key}`, value);
  }

  /** The values of an object by their keys; none when it is absent. */
  entries(): [string, ConfigNode][] {
    if (this.isAbsent) return [];
    if (!isRecord(this.value)) return this.fail("an object");
    return Object.keys(this.value).map((key) => [key, this.at(key)]);
  }

  /** The items of a list; none when it is absent. */
  items(): ConfigNode[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.value)) return this.fail("a list");
    return this.value.map(
      (item, index) => new ConfigNode(this.file, `${this.path}[${index}]`, item),
    );
  }

  text(
    rule = "a text that is not empty",
    isAllowed = (text: string): boolean => text !== "",
  ): string {
    if (typeof this.value === "string" && isAllowed(this.value)) return this.value;
    return this.fail(rule);
  }

  optionalText(): string | undefined {
    return this.isAbsent ? undefined : this.text();
  }

  count(least: number): number {
    const { value } = this;
    if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
    return this.fail(`an integer ≥ ${least}`);
  }

  optionalCount(least: number): number | undefined {
    return this.isAbsent ? undefined : this.count(least);
  }

  /** The keys that are not among the known ones, as paths. */
  unknownKeys(known: readonly string[]): string[] {
    return this.entries()
      .filter(([key]) => !known.includes(key))
      .map(([, node]) => node.path);
  }

  /** @throws {@link ProjectError} naming file, path, rule and value. */
  fail(rule: string): never {
    const got = this.isAbsent ? "but it is missing" : `got \`${JSON.stringify(this.value)}\``;
    throw this.error(`Expected \`${this.path}\` to be ${rule}, ${got}`);
  }

  error(sentence: string): ProjectError {
    return new ProjectError("project.invalid_config", `${this.file}: ${sentence}`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

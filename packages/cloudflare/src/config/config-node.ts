/** A value of a configuration file that knows where it stands, so that what is wrong with it can be said. */
import { ProjectError } from "../errors.ts";
import { didYouMean, nearest } from "../suggest.ts";

export class ConfigNode {
  readonly file: string;
  /** As one would write it in code: `env.staging.workflows[0].name`; empty for the whole file. */
  readonly path: string;
  readonly value: unknown;
  /** The object that this is in. */
  readonly #around: object | undefined;

  constructor(file: string, path: string, value: unknown, around?: object) {
    this.file = file;
    this.path = path;
    this.value = value;
    this.#around = around;
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
    const path = this.path === "" ? key : `${this.path}.${key}`;
    return new ConfigNode(this.file, path, value, isRecord(this.value) ? this.value : undefined);
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

  /** A sentence for each key that is not among the known ones. */
  noteUnknownKeys(known: readonly string[]): string[] {
    return this.entries()
      .filter(([key]) => !known.includes(key))
      .map(([key, { path }]) => `\`${path}\` is not known, and ignored.${didYouMean(key, known)}`);
  }

  /** @throws {@link ProjectError} naming file, path, rule and value. */
  fail(rule: string): never {
    const got = this.isAbsent ? this.#describeAbsence() : `got \`${JSON.stringify(this.value)}\``;
    throw this.error(`Expected \`${this.path}\` to be ${rule}, ${got}`);
  }

  /** Who wrote the key with a slip has it beside. */
  #describeAbsence(): string {
    const key = this.path.slice(this.path.lastIndexOf(".") + 1);
    const beside = nearest(key, Object.keys(this.#around ?? {}));
    return `but it is missing${beside === undefined ? "" : `. Is \`${beside}\` a slip?`}`;
  }

  error(sentence: string): ProjectError {
    return new ProjectError("project.invalid_config", `${this.file}: ${sentence}`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

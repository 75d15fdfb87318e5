/** Writes the files of a template into a folder, all of them or none. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { folderOf } from "./templates.ts";
import type { Template } from "./templates.ts";

export interface CreateProjectOptions {
  /** Is made if there is none. */
  readonly directory: string;
  /** @defaultValue "plain" */
  readonly template?: Template;
}

export interface CreatedProject {
  readonly directory: string;
  readonly name: string;
  readonly template: Template;
  /** Paths in the folder. */
  readonly files: readonly string[];
}

/** Files are there that the template has too. Nothing was written. */
export class ProjectExistsError extends Error {
  readonly files: readonly string[];

  constructor(directory: string, files: readonly string[]) {
    super(
      `${directory} already has ${files.join(", ")}. Nothing was written: name a folder without them.`,
    );
    this.name = "ProjectExistsError";
    this.files = files;
  }
}

const NAME_LIMIT = 64;

/** @throws {@link ProjectExistsError} rather than overwrite anything. */
export async function createProject(options: CreateProjectOptions): Promise<CreatedProject> {
  const { template = "plain" } = options;
  const directory = resolve(options.directory);
  const source = fileURLToPath(folderOf(template));
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(source.length))
    .toSorted();
  const files = paths.map((path) => ({ path: path.replaceAll("\\", "/"), name: nameOf(path) }));
  const existing = files
    .map(({ name }) => name)
    .filter((name) => existsSync(join(directory, name)));
  if (existing.length > 0) throw new ProjectExistsError(directory, existing);
  const name = toPackageName(basename(directory));
  for (const { path, name: file } of files) {
    const target = join(directory, file);
    await mkdir(dirname(target), { recursive: true });
    const text = fill(await readFile(join(source, path), "utf8"), name);
    // Not even one that has come meanwhile is overwritten.
    await writeFile(target, text, { flag: "wx" });
  }
  return { directory, name, template, files: files.map((file) => file.name) };
}

/** A package manager would leave a `.gitignore` out of the package that holds the templates. */
function nameOf(path: string): string {
  return path.replaceAll("\\", "/").replace(/^_gitignore$/, ".gitignore");
}

function fill(text: string, name: string): string {
  return text.replaceAll("{{name}}", name).replaceAll("{{version}}", version());
}

/** All packages of the project are released together. */
function version(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
}

/** The folder's name, in what the names of packages and of Workers allow. */
function toPackageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .slice(0, NAME_LIMIT)
    .replaceAll(/^-+|-+$/g, "");
  return name === "" ? "my-workflows" : name;
}

/** What `dev` and `worker` are asked to run: a Cloudflare project's folder, or a module. */
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { findConfigFile, ProjectError } from "@bullmq-workflows/cloudflare";

export interface Target {
  readonly type: "project" | "module";
  readonly directory: string;
  /** The configuration, or the module. */
  readonly file: string;
  /** The folder is that of a package or a project, rather than one that has anything in it. */
  readonly isPackage: boolean;
}

/** Where the module of a folder is looked for, in this order. */
const MODULES = ["src/workflows", "workflows", "src/index", "index"];
const ENDINGS = [".ts", ".mts", ".js", ".mjs"];

/**
 * @param path a file, or a folder; of a folder that has a configuration of wrangler's, the project.
 * @throws {@link ProjectError} `project.nothing_to_run`
 */
export function findTarget(path: string): Target {
  const given = resolve(path);
  if (!existsSync(given)) throw nothing(`There is no ${given}`);
  if (!statSync(given).isDirectory()) {
    const folder = packageFolderOf(given);
    const directory = folder ?? dirname(given);
    return { type: "module", directory, file: given, isPackage: folder !== undefined };
  }
  const config = findConfigFile(given);
  if (config !== undefined) {
    return { type: "project", directory: given, file: config, isPackage: true };
  }
  const files = MODULES.flatMap((name) => ENDINGS.map((ending) => `${name}${ending}`));
  const found = files.map((name) => join(given, name)).find((file) => existsSync(file));
  if (found !== undefined)
    return { type: "module", directory: given, file: found, isPackage: true };
  const looked = MODULES.map((name) => `${name}.ts`).join(", ");
  throw nothing(
    `There is nothing to run in ${given}: no wrangler.jsonc, .json or .toml, and none of ${looked} ` +
      "(.js, .mts, .mjs)",
  );
}

/** The folder whose package.json the file is under. */
function packageFolderOf(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function nothing(sentence: string): ProjectError {
  return new ProjectError(
    "project.nothing_to_run",
    `${sentence}. Name the file that exports your workflows, or the folder of a Cloudflare project.`,
  );
}

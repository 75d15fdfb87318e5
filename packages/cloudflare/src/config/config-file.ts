/** Finds a project's configuration file, and reads the three formats it may have. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { parse as parseJsonc, printParseErrorCode } from "jsonc-parser";
import type { ParseError } from "jsonc-parser";
import { TomlError, parse as parseToml } from "smol-toml";
import { ProjectError } from "../errors.ts";
import { ConfigNode } from "./config-node.ts";

/** In the order in which wrangler looks for them. */
const FILE_NAMES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

/** The configuration of a Cloudflare project in this folder, absolute; nothing when it holds none. */
export function findConfigFile(directory: string): string | undefined {
  return FILE_NAMES.map((name) => resolve(directory, name)).find((path) => existsSync(path));
}

/** @throws {@link ProjectError} `project.not_found`, or `project.invalid_config` when it cannot be read. */
export async function readConfigFile(directory: string): Promise<ConfigNode> {
  const file = findConfigFile(directory);
  if (file === undefined) {
    throw new ProjectError(
      "project.not_found",
      `There is no ${FILE_NAMES.join(", ")} in ${directory}. ` +
        "Name the folder of a Cloudflare project, the one in which `wrangler dev` works.",
    );
  }
  const text = await readFile(file, "utf8");
  const value = extname(file) === ".toml" ? readToml(file, text) : readJson(file, text);
  const node = new ConfigNode(file, "", value);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return node;
  throw node.error("Expected an object with the settings of a Worker");
}

function readJson(file: string, text: string): unknown {
  const errors: ParseError[] = [];
  const value = parseJsonc(text, errors, { allowTrailingComma: true }) as unknown;
  const [first] = errors;
  if (!first) return value;
  const before = text.slice(0, first.offset).split("\n");
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  throw unreadable(file, `${printParseErrorCode(first.error)} in ${place}`);
}

function readToml(file: string, text: string): unknown {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ""] = error.message.split("\n");
    throw unreadable(file, `${what} in line ${error.line}, column ${error.column}`);
  }
}

function unreadable(file: string, what: string): ProjectError {
  return new ProjectError("project.invalid_config", `${file}: ${what}`);
}

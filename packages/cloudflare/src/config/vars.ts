/** Variables: `vars` of the configuration, and over them the file with local values and secrets. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "dotenv";
import type { Settings } from "./settings.ts";

const FILE_NAME = ".dev.vars";

export interface Vars {
  readonly values: Readonly<Record<string, unknown>>;
  /** The file whose values were taken, if there is one. */
  readonly file: string | undefined;
}

/** An environment's own file replaces the general one, as with wrangler. */
export async function readVars(settings: Settings, directory: string): Promise<Vars> {
  const configured = settings.at("vars").entries();
  const values = Object.fromEntries(configured.map(([name, { value }]) => [name, value]));
  const { environment } = settings;
  const names = environment === undefined ? [] : [`${FILE_NAME}.${environment}`];
  const file = [...names, FILE_NAME]
    .map((name) => join(directory, name))
    .find((path) => existsSync(path));
  if (file === undefined) return { values, file };
  return { values: { ...values, ...parse(await readFile(file, "utf8")) }, file };
}

/** Looks for a Redis or Valkey program on the PATH. */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const NAMES = ["redis-server", "valkey-server"] as const;
/** BullMQ's minimum: older servers lack commands it uses. */
const OLDEST = [6, 2] as const;
const VERSION_TIMEOUT_MS = 10_000;

export interface NativeProgram {
  readonly path: string;
  readonly name: (typeof NAMES)[number];
  /** For example `7.0.15`. */
  readonly version: string;
}

/** The first `redis-server`, else `valkey-server`, on the PATH that runs and is at least version 6.2. */
export async function findNativeServer(): Promise<NativeProgram | undefined> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of NAMES) {
    for (const folder of folders) {
      const program = await inspect(join(folder, name), name);
      if (program !== undefined) return program;
    }
  }
  return undefined;
}

async function inspect(
  path: string,
  name: NativeProgram["name"],
): Promise<NativeProgram | undefined> {
  try {
    await access(path, constants.X_OK);
    const { stdout } = await promisify(execFile)(path, ["--version"], {
      timeout: VERSION_TIMEOUT_MS,
    });
    const version = /v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    return version === undefined || isTooOld(version) ? undefined : { path, name, version };
  } catch {
    // Not there, or not a program for this machine: the search goes on.
    return undefined;
  }
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

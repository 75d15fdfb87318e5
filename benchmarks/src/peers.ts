/** The peers are installed when they are first measured: they weigh 250 MB, which nobody else should carry. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isPeer } from "./engines/index.ts";
import type { EngineName } from "./engines/index.ts";

const FOLDER = fileURLToPath(new URL("../peers", import.meta.url));

/** Without them the engines are reported as absent, with what went wrong. */
export async function ensurePeers(
  engines: readonly EngineName[],
  say: (line: string) => void,
): Promise<void> {
  if (!engines.some(isPeer) || existsSync(join(FOLDER, "node_modules"))) return;
  say("Installing the peers into benchmarks/peers (250 MB, once) …");
  try {
    await promisify(execFile)("npm", ["ci", "--ignore-scripts"], { cwd: FOLDER });
  } catch (error) {
    say(
      `The peers could not be installed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

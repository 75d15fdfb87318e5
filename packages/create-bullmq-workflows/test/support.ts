/** The program as a process, run from its sources. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

export interface Ended {
  readonly code: number;
  readonly output: string;
}

export async function runCreate(cwd: string, args: readonly string[]): Promise<Ended> {
  return await new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--import", TSX, MAIN, ...args],
      { cwd },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
      },
    );
    child.stdin?.end();
  });
}

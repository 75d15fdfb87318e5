/** The program as a process: the built one, as users have it. `vitest.config.ts` has it built. */
import { execFile } from "node:child_process";
import { spawn } from "@lydell/node-pty";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../bin/create-bullmq-workflows.js", import.meta.url));

export interface Ended {
  readonly code: number;
  readonly output: string;
}

export async function runCreate(cwd: string, args: readonly string[]): Promise<Ended> {
  return await new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [PROGRAM, ...args],
      { cwd },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
      },
    );
    child.stdin?.end();
  });
}

/** The same in a terminal, whose user types the answer when he is asked. */
export async function runInTerminal(cwd: string, answer: string): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM], { name: "xterm", cols: 100, rows: 40, cwd });
  let output = "";
  child.onData((data) => {
    const isAsked = !output.includes("): ") && (output + data).includes("): ");
    output += data;
    if (isAsked) child.write(`${answer}\r`);
  });
  return await new Promise((resolve) => {
    child.onExit(({ exitCode }) => resolve({ code: exitCode, output }));
  });
}

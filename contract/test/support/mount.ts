/** A program of `mounts/`, started for real in a process of its own. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { findFreePort } from "../../../packages/bullmq-workflows/test/support/redis.ts";

const MOUNTS = fileURLToPath(new URL("../../mounts/", import.meta.url));
const NEXT_FOLDER = `${MOUNTS}next`;
const CONFIG = fileURLToPath(new URL("../../tsconfig.json", import.meta.url));

export interface Mount {
  readonly url: string;
  /** Everything that it printed. */
  readonly output: () => string;
  /** Answers the exit code. */
  stop(): Promise<number | null>;
}

type Environment = Readonly<Record<string, string>>;

/** @param file without `.ts`. */
export async function startMount(file: string, env: Environment): Promise<Mount> {
  const child = start(["--import", "tsx", `${MOUNTS}${file}.ts`], {
    ...env,
    TSX_TSCONFIG_PATH: CONFIG,
  });
  const url = await child.until(/Ready on (\S+)/);
  return { ...child, url };
}

/** The built command, which runs a Cloudflare project. */
export async function startProject(directory: string, redisUrl: string): Promise<Mount> {
  const command = fileURLToPath(
    new URL("../../../packages/cli/bin/bullmq-workflows.js", import.meta.url),
  );
  const where = ["--port", "0", "--redis", redisUrl, "--prefix", "project"];
  const child = start([command, "run", directory, ...where], {});
  const url = await child.until(/Ready on (\S+)/);
  return { ...child, url };
}

export async function buildNext(): Promise<void> {
  const child = start([findNext(), "build", NEXT_FOLDER], {});
  const code = await child.ended;
  if (code !== 0) throw new Error(`next build ended with ${code}:\n${child.output()}`);
}

export async function startNext(env: Environment): Promise<Mount> {
  const port = await findFreePort();
  const args = [findNext(), "start", NEXT_FOLDER, "-p", String(port), "-H", "127.0.0.1"];
  const child = start(args, env);
  await child.until(/(Ready) in/);
  return { ...child, url: `http://127.0.0.1:${port}` };
}

function findNext(): string {
  return createRequire(import.meta.url).resolve("next/dist/bin/next");
}

function start(args: readonly string[], env: Environment) {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env["PATH"] ?? "", NEXT_TELEMETRY_DISABLED: "1", CI: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const hear = (text: Buffer): void => void (output += String(text));
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const ended = once(child, "close").then(([code]) => code as number | null);
  return {
    ended,
    output: () => output,
    until: async (pattern: RegExp) => await findIn(child, () => output, { pattern, ended }),
    async stop() {
      child.kill("SIGTERM");
      return await ended;
    },
  };
}

/** Waits until the output has it, and answers its first group. */
async function findIn(
  child: ChildProcess,
  output: () => string,
  { pattern, ended }: { readonly pattern: RegExp; readonly ended: Promise<unknown> },
): Promise<string> {
  const isOver = ended.then(() => {
    throw new Error(`It ended before it was ready:\n${output()}`);
  });
  isOver.catch(() => {});
  for (;;) {
    const [, found] = pattern.exec(output()) ?? [];
    if (found !== undefined) return found;
    await Promise.race([once(child.stdout!, "data"), isOver]);
  }
}

/** The command line as a process, run from its sources. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

export interface RunningCli {
  /** Everything written so far, to both streams. */
  readonly output: string;
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface RunningProject extends RunningCli {
  readonly url: string;
  /** The body of an answer, as JSON where it is. */
  call(path: string, init?: RequestInit): Promise<{ status: number; body: unknown }>;
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

export function startCli(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCli {
  const flags = ["--conditions=@bullmq-workflows/source", "--no-warnings", "--import", TSX];
  const { NODE_OPTIONS: _ours, REDIS_URL: _theirs, ...inherited } = process.env;
  const child = spawn(process.execPath, [...flags, MAIN, ...args], {
    env: { ...inherited, ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => void written.push(String(chunk)));
  }
  const ended = once(child, "close").then(([code]) => ({
    code: code as number | null,
    output: written.join(""),
  }));
  return {
    get output() {
      return written.join("");
    },
    process: child,
    ended,
  };
}

export async function runCli(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
  return await startCli(args, env).ended;
}

/** Starts `run` on a folder, under a prefix of its own unless one is given; without a URL on its own server. */
export async function startProject(
  directory: string,
  redisUrl?: string,
  args: readonly string[] = [],
): Promise<RunningProject> {
  const prefix = args.includes("--prefix") ? [] : ["--prefix", `test-${randomUUID().slice(0, 8)}`];
  const redis = redisUrl === undefined ? [] : ["--redis", redisUrl];
  const fixed = ["run", directory, "--port", "0", ...redis, ...prefix];
  const cli = startCli([...fixed, ...args]);
  const url = await readUrl(cli);
  return {
    get output() {
      return cli.output;
    },
    process: cli.process,
    ended: cli.ended,
    url,
    call: async (path, init) => await call(`${url}${path}`, init),
    async stop(signal = "SIGTERM") {
      cli.process.kill(signal);
      return await cli.ended;
    },
  };
}

async function readUrl(cli: RunningCli): Promise<string> {
  const look = (): string | undefined => /Ready on (\S+)/.exec(cli.output)?.[1];
  const isOver = cli.ended.then(({ output }) => {
    throw new Error(`It ended before it was ready:\n${output}`);
  });
  for (;;) {
    const url = look();
    if (url !== undefined) {
      isOver.catch(() => {});
      return url;
    }
    await Promise.race([once(cli.process.stdout!, "data"), isOver]);
  }
}

async function call(url: string, init?: RequestInit): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, init);
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: text };
  }
}

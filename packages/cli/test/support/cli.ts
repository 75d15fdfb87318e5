/** The command line as a process: the built one, as users have it. `vitest.config.ts` has it built. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../bin/bullmq-workflows.js", import.meta.url));

interface Ended {
  readonly code: number | null;
  /** Everything written to both streams, as it came. */
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
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

/** What Node is started with for the command line. */
export function toNodeArgs(args: readonly string[]): string[] {
  return [PROGRAM, ...args];
}

/** Without what would change how the command line behaves, and with no profiles. */
export function cliEnvironment(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OURS.test(name));
  return { ...Object.fromEntries(kept), XDG_CONFIG_HOME: "/nonexistent", ...env };
}

const OURS = /^(?:CI|NODE_OPTIONS|REDIS_URL|NO_COLOR|FORCE_COLOR|BULLMQ_WORKFLOWS_.*)$/;

export function startCli(args: readonly string[], env?: NodeJS.ProcessEnv): RunningCli {
  const child = spawn(process.execPath, toNodeArgs(args), { env: cliEnvironment(env) });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [written, said, warned]: [string[], string[], string[]] = [[], [], []];
  const listen = (stream: Readable, own: string[]): void => {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      written.push(chunk);
      own.push(chunk);
    });
  };
  listen(child.stdout, said);
  listen(child.stderr, warned);
  const ended = once(child, "close").then(([code]) => ({
    code: code as number | null,
    output: written.join(""),
    stdout: said.join(""),
    stderr: warned.join(""),
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

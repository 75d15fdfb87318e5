/** One redis-server process that can be killed, frozen, starved of disk and memory, and started again. */
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { endWithSuite } from "../processes.ts";
import { findFreePort } from "../../support/redis.ts";
import type { Preload } from "./preload.ts";

const run = promisify(execFile);

export interface RedisNodeParts {
  readonly folder: string;
  /** What redis-server takes on its command line, like `appendfsync`. */
  readonly config: Readonly<Record<string, string>>;
  /** Arguments that begin the command line, like `--sentinel`. */
  readonly leading?: readonly string[];
  readonly preload?: Preload;
  /** A free one, if none is given. */
  readonly port?: number;
}

/** A full disk is played by a limit on file sizes. The signal that Redis would die of is ignored. */
const LAUNCHER = `trap '' XFSZ; exec redis-server "$@"`;

export class RedisNode {
  readonly port: number;
  readonly #parts: RedisNodeParts;
  #process: ChildProcess | undefined;
  #client: Redis | undefined;

  private constructor(port: number, parts: RedisNodeParts) {
    this.port = port;
    this.#parts = parts;
  }

  static async start(parts: RedisNodeParts): Promise<RedisNode> {
    const node = new RedisNode(parts.port ?? (await findFreePort()), parts);
    await mkdir(parts.folder, { recursive: true });
    await node.start();
    return node;
  }

  /** Starts the process and waits until it takes commands. */
  async start(): Promise<void> {
    const { folder, config, leading = [], preload } = this.#parts;
    const options = { port: this.port, bind: "127.0.0.1", dir: folder, save: "", ...config };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const log = openSync(join(folder, "redis.log"), "a");
    const child = spawn("sh", ["-c", LAUNCHER, "redis-server", ...leading, ...args], {
      stdio: ["ignore", log, log],
      env: { ...process.env, ...preload?.environment },
    });
    endWithSuite(child);
    closeSync(log);
    this.#process = child;
    await this.#untilReady(child);
  }

  get isRunning(): boolean {
    const child = this.#process;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** A connection for the suite's own questions. */
  get client(): Redis {
    this.#client ??= connectDirectly(this.port);
    return this.#client;
  }

  /** SIGKILL, as a crash of the process would end it. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || !this.isRunning) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  /** And what the operating system had not written yet is gone. */
  async losePower(): Promise<void> {
    const { folder, preload } = this.#parts;
    await this.kill();
    const aof = join(folder, "appendonlydir");
    const increment = (await readdir(aof)).filter((name) => name.endsWith(".incr.aof")).at(-1);
    if (!preload || !increment) throw new Error(`Nobody knows what was synced of ${aof}`);
    await truncate(join(aof, increment), preload.syncedBytes);
  }

  /** No file may grow any more. */
  async fillDisk(): Promise<void> {
    await this.#limitFiles(String(await largestFile(this.#parts.folder)));
  }

  async freeDisk(): Promise<void> {
    if (this.isRunning) await this.#limitFiles("unlimited");
  }

  async stop(): Promise<void> {
    this.#client?.disconnect();
    await this.kill();
  }

  async #limitFiles(bytes: string): Promise<void> {
    await run("prlimit", [`--pid=${this.#process?.pid}`, `--fsize=${bytes}:`]);
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const probe = connectDirectly(this.port);
    try {
      while (child.exitCode === null) {
        const answer = await probe.ping().catch((error: unknown) => String(error));
        if (answer === "PONG") return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      probe.disconnect();
    }
    throw new Error(`redis-server ended before it was ready; see ${this.#parts.folder}`);
  }
}

function connectDirectly(port: number): Redis {
  const client = new Redis({
    port,
    host: "127.0.0.1",
    retryStrategy: () => 20,
    enableReadyCheck: false,
    maxRetriesPerRequest: null,
  });
  client.on("error", () => undefined);
  return client;
}

async function largestFile(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== "redis.log");
  const sizes = files.map(
    async ({ parentPath, name }) => (await stat(join(parentPath, name))).size,
  );
  return Math.max(0, ...(await Promise.all(sizes)));
}

/**
 * A Redis server of a test file's own, on a free port and in a folder of its own: a replica writes what
 * it got from its primary there, and every server loads at its start what it finds.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { RedisOptions } from "ioredis";

type ServerConfig = Readonly<Record<string, string>>;

type ConnectOptions = Omit<RedisOptions, "replyMapping">;

export interface TestRedis {
  readonly port: number;
  /** A connection that `stop` closes. */
  connect(options?: ConnectOptions): Redis;
  /** Stops the process where it stands; its connections stay open and silent. */
  freeze(): void;
  /** Lets it go on. */
  thaw(): void;
  /** Its folder. */
  readonly dir: string;
  /** Ends the process and starts another one on the same port, empty unless it is to keep its files. */
  restart(options?: { readonly keepsFiles?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** A hash tag that no other test uses. */
export function randomTag(): string {
  return `{test-${randomUUID().slice(0, 8)}:workflow:0}`;
}

/**
 * @param config more of what redis-server takes on its command line, like `maxmemory`.
 * @param program another server than `redis-server`.
 */
export async function startRedis(
  config: ServerConfig = {},
  program = "redis-server",
): Promise<TestRedis> {
  const port = await findFreePort();
  const clients: Redis[] = [];
  const dir = await mkdtemp(join(tmpdir(), "bullmq-workflows-test-"));
  let server = await startServer(program, port, { ...config, dir });
  return {
    port,
    dir,
    connect(options = {}) {
      const client = new Redis({ port, retryStrategy: () => 10, ...options });
      client.on("error", () => undefined);
      clients.push(client);
      return client;
    },
    freeze: () => void server.kill("SIGSTOP"),
    thaw: () => void server.kill("SIGCONT"),
    async restart({ keepsFiles = false } = {}) {
      await stopServer(server);
      if (!keepsFiles) await rm(dir, { recursive: true, force: true });
      await mkdir(dir, { recursive: true });
      server = await startServer(program, port, { ...config, dir });
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await stopServer(server);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function startServer(
  program: string,
  port: number,
  config: ServerConfig,
): Promise<ChildProcess> {
  const options = { port, save: "", appendonly: "no", bind: "127.0.0.1", ...config };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of server.stdout) {
    if (String(line).includes("Ready to accept connections")) return server;
  }
  throw new Error(`${program} ended before it was ready (${args.join(" ")})`);
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, "exit");
  server.kill("SIGKILL");
  await exit;
}

export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** An engine that runs workflows, a server with a token, and the command line in this process. */
import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import { WorkflowEngine } from "bullmq-workflows";
import type { WorkflowEngineConfig } from "bullmq-workflows";
import { createServer } from "@bullmq-workflows/server";
import { listen } from "@bullmq-workflows/server/node";
import type { TestRedis } from "../../../bullmq-workflows/test/support/redis.ts";
import { runCommandLine } from "../../src/command-line.ts";
import { toAnsi, toPlain } from "../../src/text.ts";
import type { Text } from "../../src/text.ts";

export interface Called {
  readonly code: number;
  readonly said: string;
  readonly warned: string;
}

interface TestServer {
  readonly url: string;
  readonly token: string;
  /** Ends it, with all connections to it, and starts another one at the same place. */
  readonly restart: () => Promise<void>;
}

export interface Stage {
  readonly engine: WorkflowEngine;
  readonly redisUrl: string;
  readonly prefix: string;
  /** A server on a port, which wants a token. */
  readonly startServer: () => Promise<TestServer>;
  /** What straight at Redis is said with. */
  readonly redisFlags: readonly string[];
}

export function setStage(redis: TestRedis): Stage {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const redisUrl = `redis://127.0.0.1:${redis.port}`;
  const engine = new WorkflowEngine({
    connection: redisUrl,
    prefix,
    lease: 600,
    sweepInterval: 50,
  });
  onTestFinished(async () => await engine.close({ force: true }));
  return {
    engine,
    redisUrl,
    prefix,
    redisFlags: ["--redis", redisUrl, "--prefix", prefix],
    startServer: async () => await startServer({ connection: redisUrl, prefix }),
  };
}

async function startServer(
  config: Pick<WorkflowEngineConfig, "connection" | "prefix">,
): Promise<TestServer> {
  const client = new WorkflowEngine({ ...config, mode: "client" });
  let server = createServer({ engine: client });
  let listener = await listen(server, { port: 0 });
  const stop = async (): Promise<void> => {
    await listener.close({ graceMs: 0 });
    await server.close();
  };
  onTestFinished(async () => {
    await stop();
    await client.close({ force: true });
  });
  const { url } = listener;
  const { token } = await server.tokens.create({ name: "test", role: "admin" });
  return {
    url,
    token,
    restart: async () => {
      await stop();
      server = createServer({ engine: client });
      listener = await listen(server, { port: Number(new URL(url).port) });
    },
  };
}

/** The command line, without a process of its own. */
export async function callCli(
  args: readonly string[],
  options: { readonly width?: number; readonly answer?: string; readonly hasColors?: boolean } = {},
): Promise<Called> {
  const { width = 120, answer, hasColors = false } = options;
  const print = hasColors ? toAnsi : toPlain;
  const [said, warned]: [string[], string[]] = [[], []];
  const code = await runCommandLine(args, {
    say: (line: Text) => void said.push(print(line)),
    warn: (line: Text) => void warned.push(print(line)),
    progress: () => {},
    width,
    isInteractive: answer !== undefined,
    ask: async (question) => {
      warned.push(print(question));
      return answer;
    },
  });
  return { code, said: said.join("\n"), warned: warned.join("\n") };
}

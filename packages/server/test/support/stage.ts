/** A server on a port, an engine that runs workflows, and Cloudflare's SDK to talk to it: one per test. */
import { randomUUID } from "node:crypto";
import Cloudflare from "cloudflare";
import { expect, onTestFinished } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import type { WorkflowEngineConfig, WorkflowEvent, WorkflowStep } from "bullmq-workflows";
import { createServer } from "../../src/index.ts";
import type { ServerOptions, WorkflowServer } from "../../src/index.ts";
import { listen } from "../../src/node.ts";
import type { Listener } from "../../src/node.ts";
import type { TestRedis } from "../../../bullmq-workflows/test/support/redis.ts";
import { watched } from "./contract.ts";

export const ACCOUNT = "default";

export interface Stage {
  /** Runs workflows. */
  readonly engine: WorkflowEngine;
  readonly server: WorkflowServer;
  readonly url: string;
  readonly prefix: string;
  readonly sdk: Cloudflare;
  /** Another engine under the same prefix. */
  readonly startEngine: (config?: Partial<WorkflowEngineConfig>) => WorkflowEngine;
  /** Another server, as in a process of its own. */
  readonly startServer: (options?: Partial<ServerOptions>) => Promise<StartedServer>;
  /** A call without the SDK. */
  readonly call: (path: string, init?: RequestInit) => Promise<Reply>;
}

interface StartedServer {
  readonly server: WorkflowServer;
  readonly url: string;
  readonly listener: Listener;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly success: boolean;
    readonly errors: readonly { readonly code: number; readonly message: string }[];
    readonly messages: readonly unknown[];
    // Tests look at whatever is there.
    readonly result: Readonly<Record<string, unknown>>;
    readonly result_info?: Readonly<Record<string, unknown>>;
  };
}

export async function setStage(
  redis: TestRedis,
  options: Partial<ServerOptions> = {},
): Promise<Stage> {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const endings: (() => Promise<unknown>)[] = [];
  /** Answers that are not as the OpenAPI document says. */
  const violations: string[] = [];
  onTestFinished(async () => {
    for (const end of endings.toReversed()) await end();
    expect(violations).toEqual([]);
  });
  const startEngine: Stage["startEngine"] = (config = {}) => {
    const engine = new WorkflowEngine({
      connection: `redis://127.0.0.1:${redis.port}`,
      prefix,
      lease: 600,
      sweepInterval: 50,
      ...config,
    });
    endings.push(async () => await engine.close({ force: true }));
    return engine;
  };
  const startServer: Stage["startServer"] = async (serverOptions = {}) => {
    const created = createServer({
      engine: startEngine({ mode: "client" }),
      ...options,
      ...serverOptions,
    });
    const server = watched(created, violations);
    const listener = await listen(server, { port: 0 });
    endings.push(async () => await server.close());
    endings.push(async () => await listener.close({ graceMs: 0 }));
    return { server, url: listener.url, listener };
  };
  const { server, url } = await startServer();
  return {
    engine: startEngine(),
    server,
    url,
    prefix,
    startEngine,
    startServer,
    sdk: new Cloudflare({ apiToken: "any", baseURL: `${url}/client/v4`, maxRetries: 0 }),
    call: async (path, init) => await call(`${url}/client/v4/accounts/${ACCOUNT}${path}`, init),
  };
}

export async function call(url: string, init?: RequestInit): Promise<Reply> {
  const response = await fetch(url, init);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Reply["body"],
  };
}

/** A body of JSON. */
export function json(method: string, body: unknown): RequestInit {
  const headers = { "content-type": "application/json" };
  return { method, headers, body: JSON.stringify(body) };
}

type Body = (step: WorkflowStep, event: WorkflowEvent<unknown>) => Promise<unknown>;

/** A workflow whose `run` is this function. */
export function workflowOf(body: Body) {
  return class extends WorkflowEntrypoint {
    async run(event: WorkflowEvent<unknown>, step: WorkflowStep): Promise<unknown> {
      return await body(step, event);
    }
  };
}

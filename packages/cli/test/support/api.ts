/** A command that serves the REST API, and calls of it. */
import { eventually } from "../../../bullmq-workflows/test/support/eventually.ts";
import { expect } from "vitest";
import { startCli } from "./cli.ts";
import type { RunningCli } from "./cli.ts";

/** Several processes start for a test, on a machine that may have others to run. */
const PATIENCE_MS = 60_000;

interface Reply {
  readonly status: number;
  readonly result: Readonly<Record<string, unknown>>;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
}

export interface ServingCli extends RunningCli {
  readonly url: string;
  /** Calls what is under the account's workflows. */
  readonly api: (path: string, init?: RequestInit) => Promise<Reply>;
  /** Creates an instance; answers with its id. */
  readonly create: (workflow: string, params?: unknown) => Promise<string>;
  /** Resolves when the output says so. */
  readonly untilSaid: (text: string | RegExp) => Promise<void>;
  readonly stop: (signal?: NodeJS.Signals) => ReturnType<() => RunningCli["ended"]>;
}

export async function startServing(
  args: readonly string[],
  { ready = /Ready on (\S+) in/, env = {}, account = "default" } = {},
): Promise<ServingCli> {
  const cli = startCli(args, env);
  const url = await untilMatch(cli, ready);
  const api: ServingCli["api"] = async (path, init) => {
    const response = await fetch(`${url}/client/v4/accounts/${account}/workflows${path}`, init);
    return { status: response.status, ...((await response.json()) as Omit<Reply, "status">) };
  };
  return {
    get output() {
      return cli.output;
    },
    process: cli.process,
    ended: cli.ended,
    url,
    api,
    create: async (workflow, params = {}) => {
      const body = JSON.stringify({ params });
      const { result } = await api(`/${workflow}/instances`, { method: "POST", body });
      return String(result["id"]);
    },
    untilSaid: async (text) => {
      await eventually(() => expect(cli.output).toMatch(text), PATIENCE_MS);
    },
    stop: async (signal = "SIGTERM") => {
      cli.process.kill(signal);
      return await cli.ended;
    },
  };
}

/** What the first group of the pattern has found; fails when the command ends before it is there. */
export async function untilMatch(cli: RunningCli, pattern: RegExp): Promise<string> {
  let over: string | undefined;
  void cli.ended.then(({ output }) => (over = output));
  return await eventually(() => {
    if (over !== undefined && !pattern.test(over)) throw new Error(`It ended:\n${over}`);
    const [, found] = pattern.exec(cli.output) ?? [];
    expect(found, cli.output).toBeDefined();
    return String(found);
  }, PATIENCE_MS);
}

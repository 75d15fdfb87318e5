import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { fork } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "../../src/index.ts";

let server: EmbeddedServer;

beforeAll(async () => {
  server = await startServer({ kind: "native" });
});
afterAll(async () => await server.close());

/** Runs elsewhere: see fixtures/poison.ts. */
class Poison extends WorkflowEntrypoint {
  async run(): Promise<unknown> {
    return undefined;
  }
}

/** Starts worker after worker, each when the one before has died. `stop` answers how many died. */
function killWorkers(url: string, prefix: string): { stop(): Promise<number> } {
  const script = new URL("fixtures/poison.ts", import.meta.url);
  const execArgv = ["--conditions=@bullmq-workflows/source", "--import", "tsx"];
  const stopped = new AbortController();
  const dying = (async () => {
    for (let deaths = 0; ; deaths++) {
      if (stopped.signal.aborted) return deaths;
      const worker = fork(script, [url, prefix], { execArgv });
      stopped.signal.addEventListener("abort", () => worker.kill("SIGKILL"));
      await once(worker, "exit");
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      return await dying;
    },
  };
}

test(
  "a step that kills its worker fails for good when its retries are used up",
  { timeout: 90_000 },
  async () => {
    const prefix = `test-${randomUUID().slice(0, 8)}`;
    const engine = new WorkflowEngine({ connection: server.url, prefix, mode: "client" });
    const instance = await engine.register(Poison, { name: "poison" }).create();
    const workers = killWorkers(server.url, prefix);
    const result = await instance.result({ timeout: "1 minute" });
    const crashes = await workers.stop();
    await engine.close();

    expect(result).toBe("Attempt failed due to internal workflows error");
    // The first crash leaves no trace; after it, one for each of the three attempts. The last one is ours.
    expect(crashes).toBe(5);
  },
);

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

test("a step that kills its worker fails for good when its retries are used up", async () => {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const engine = new WorkflowEngine({ connection: server.url, prefix, mode: "client" });
  const instance = await engine.register(Poison, { name: "poison" }).create();
  let crashes = 0;
  let isOver = false;

  const killing = (async () => {
    while (!isOver) {
      const worker = fork(new URL("fixtures/poison.ts", import.meta.url), [server.url, prefix], {
        execArgv: ["--conditions=@bullmq-workflows/source", "--import", "tsx"],
      });
      const timer = setInterval(() => isOver && worker.kill("SIGKILL"), 50);
      await once(worker, "exit");
      clearInterval(timer);
      crashes++;
    }
  })();
  const result = await instance.result({ timeout: "20 seconds" });
  isOver = true;
  await killing;
  await engine.close();

  expect(result).toBe("Attempt failed due to internal workflows error");
  // The first crash leaves no trace; after it, one for each of the three attempts. The last is ours.
  expect(crashes).toBe(5);
});

import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { WorkflowEngine } from "../../src/index.ts";
import { CuttableProxy } from "../chaos/support/cuttable-proxy.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";

let server: EmbeddedServer;

beforeAll(async () => {
  server = await startServer({ kind: "native" });
});
afterAll(async () => await server.close());

/** An engine that waits for work, and what its connections go through. */
async function startIdleEngine(): Promise<{ engine: WorkflowEngine; proxy: CuttableProxy }> {
  const proxy = await CuttableProxy.open(Number(new URL(server.url).port));
  onTestFinished(() => proxy.close());
  const engine = new WorkflowEngine({ connection: `redis://127.0.0.1:${proxy.port}` });
  engine.register(
    workflowOf(async () => {}),
    { name: "idle" },
  );
  const redis = new Redis(server.url);
  onTestFinished(() => redis.disconnect());
  await eventually(async () => {
    expect(String(await redis.client("LIST"))).toContain("cmd=bzpopmin");
  });
  return { engine, proxy };
}

test("an engine that is closed between two tries to reconnect comes to an end", async () => {
  const { engine, proxy } = await startIdleEngine();

  await proxy.refuse(20);
  const closed = engine.close();
  proxy.thaw();

  await expect(closed).resolves.toBeUndefined();
}, 5_000);

test("an engine that is closed before a new connection is ready comes to an end", async () => {
  const { engine, proxy } = await startIdleEngine();
  const count = proxy.usedCount;

  proxy.freeze();
  proxy.cut();
  await proxy.used(2 * count);
  const closed = engine.close();
  proxy.thaw();

  await expect(closed).resolves.toBeUndefined();
}, 5_000);

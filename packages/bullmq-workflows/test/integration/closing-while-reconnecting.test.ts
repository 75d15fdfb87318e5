import { startServer } from "@bullmq-workflows/embedded";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { WorkflowEngine } from "../../src/index.ts";
import { CuttableProxy } from "../chaos/support/cuttable-proxy.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";

async function listClients(url: string): Promise<string> {
  const redis = new Redis(url);
  const clients = await redis.client("LIST");
  redis.disconnect();
  return String(clients);
}

test("an engine that is closed while it reconnects comes to an end", async () => {
  await using server = await startServer({ kind: "native" });
  const proxy = await CuttableProxy.open(Number(new URL(server.url).port));
  onTestFinished(() => proxy.close());
  const engine = new WorkflowEngine({ connection: `redis://127.0.0.1:${proxy.port}` });
  engine.register(
    workflowOf(async () => {}),
    { name: "idle" },
  );
  await engine.ready();
  await eventually(async () => expect(await listClients(server.url)).toContain("cmd=bzpopmin"));
  const count = proxy.usedCount;

  proxy.freeze();
  proxy.cut();
  await proxy.used(2 * count);
  const closed = engine.close();
  proxy.thaw();

  await expect(closed).resolves.toBeUndefined();
});

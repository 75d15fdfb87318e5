import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster } from "ioredis";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { WorkflowEngine } from "../../src/index.ts";
import { findLeftovers } from "../faults/collect.ts";
import { startCluster } from "../faults/setups/cluster.ts";
import type { Setup } from "../faults/setups/setup.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";

const TAG = "{bw:moving:0}";

let folder: string;
let setup: Setup;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "resharding-"));
  setup = await startCluster(folder);
});
afterEach(async () => {
  await setup.stop();
  await rm(folder, { recursive: true, force: true });
});

function connect(): Cluster {
  const nodes = setup.nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
  const client = new Cluster(nodes, { retryDelayOnTryAgain: 10 });
  onTestFinished(() => client.disconnect());
  return client;
}

test("while its slot is on the way between two nodes a workflow stands still, and then goes on", async () => {
  const engine = new WorkflowEngine({ connection: connect(), lease: 1_000, sweepInterval: 50 });
  onTestFinished(async () => await engine.close({ force: true }));
  const moving = engine.register(
    workflowOf(async (step) => {
      const event = await step.waitForEvent("go", { type: "go" });
      return await step.do("last", async () => event.payload);
    }),
    { name: "moving" },
  );
  const early = await moving.create({ id: "early" });
  await eventually(async () => expect((await early.status()).status).toBe("waiting"));

  const move = await setup.cluster!.beginMove(TAG);
  await move.moveKeys(5);
  const { client } = move.target;
  const keys = await client.keys("*");

  await expect(early.sendEvent({ type: "go", payload: "too early" })).rejects.toMatchObject({
    code: "store.unavailable",
  });
  const creating = moving.create({ id: "late" });
  await expect(moving.get("early")).rejects.toMatchObject({ code: "store.unavailable" });
  // Locks of BullMQ may run out meanwhile, but nothing comes.
  expect(keys).toEqual(expect.arrayContaining(await client.keys("*")));

  await move.finish();
  const late = await creating;
  for (const instance of [early, late]) await instance.sendEvent({ type: "go", payload: "now" });
  expect(await early.result({ timeout: 10_000 })).toBe("now");
  expect(await late.result({ timeout: 10_000 })).toBe("now");
  await eventually(async () => {
    expect(await findLeftovers((await setup.dataNode(TAG)).client, TAG)).toEqual([]);
  });
});

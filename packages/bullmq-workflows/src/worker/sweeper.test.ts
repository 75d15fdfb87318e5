import { expect, test } from "vitest";
import { probedStore } from "../engine/probes.ts";
import { createLatch } from "../../test/support/latch.ts";
import { streamOf } from "../../test/support/streams.ts";
import { workflowOf } from "../../test/support/harness.ts";
import { startMemoryEngine } from "../../test/support/memory-engine.ts";

test("one sweep deletes all instances whose retention is over, however many they are", async () => {
  const engine = await startMemoryEngine(
    workflowOf(async () => "done"),
    { retention: { successRetention: "10 seconds" }, sweepIntervalMs: 5_000 },
  );
  for (let i = 0; i < 250; i++) await engine.workflow.create();
  await engine.clock.settle();
  expect((await engine.workflow.counts()).complete).toBe(250);

  await engine.clock.advance(15_000);

  expect((await engine.workflow.counts()).complete).toBe(0);
  await engine.close();
});

test("what a dead worker had written of a stream is removed, once nobody can refer to it", async () => {
  const isMidway = createLatch();
  let runs = 0;
  const engine = await startMemoryEngine(
    workflowOf(async (step) => {
      await step.do("a", () => {
        if (++runs > 1) return streamOf(new Uint8Array(500_000));
        const start = (controller: ReadableStreamDefaultController): void => {
          controller.enqueue(new Uint8Array(500_000));
        };
        return new ReadableStream({ start, pull: isMidway.open });
      });
    }),
    { workers: 0 },
  );
  // Its words of farewell reach nobody.
  const store = probedStore(engine.store, async ({ name }) => {
    if (name === "before:discardStream") await new Promise(() => {});
  });
  const dying = await engine.addWorker({ store });
  const instance = await engine.workflow.create();
  await engine.clock.settle();
  await isMidway.opened;
  dying.abandon();
  await engine.addWorker();
  await engine.end(instance);
  expect(engine.store.partition.openStreams.size).toBe(1);

  await engine.clock.advance(60_000);

  expect(engine.store.partition.openStreams.size).toBe(0);
  expect(engine.store.partition.instances.get(instance.id)?.streams.size).toBe(1);
  await engine.close();
});

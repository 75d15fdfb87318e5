import { expect, test } from "vitest";
import { startBody } from "../../test/support/harness.ts";

const setup = async () =>
  await startBody(async (step) => await step.waitForEvent("go", { type: "go" }));

test("an instance that the store has lost is told from a deleted one, wherever it is missed", async () => {
  const engine = await setup();
  const nothing = engine.store.partition.capture();
  const lost = await engine.workflow.create({ id: "lost" });
  const deleted = await engine.workflow.create({ id: "deleted" });
  const results = [lost.result(), deleted.result()];
  await engine.clock.settle();

  await deleted.delete();
  await expect(results[1]).rejects.toMatchObject({ code: "instance.not_found" });
  nothing();
  engine.store.partition.notices.disconnect();
  engine.store.partition.notices.reconnect();

  await expect(results[0]).rejects.toMatchObject({ code: "instance.lost", instanceId: "lost" });
  await expect(lost.status()).rejects.toMatchObject({ code: "instance.lost" });
  await expect(lost.resume()).rejects.toMatchObject({ code: "instance.lost" });
  await expect(engine.workflow.get("lost")).rejects.toMatchObject({ code: "instance.not_found" });
});

test("what was seen long ago may have been deleted since", async () => {
  const engine = await setup();
  const nothing = engine.store.partition.capture();
  const instance = await engine.workflow.create({ id: "old" });
  await engine.clock.advance(120_000);
  nothing();

  await expect(instance.status()).rejects.toMatchObject({ code: "instance.not_found" });
});

test("a store that cannot be asked leaves it at that", async () => {
  const engine = await setup();
  const instance = await engine.workflow.create({ id: "gone" });
  await instance.delete();
  engine.store.activations.reassert = async () => await Promise.reject(new Error("away"));

  await expect(instance.status()).rejects.toMatchObject({ code: "instance.not_found" });
});

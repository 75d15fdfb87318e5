import { expect, test } from "vitest";
import { claim, claimRequest, create, newInstance, run, statusOf } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

export function creationTests(setup: SetUp): void {
  test("a created instance is queued, recorded as given, and its activation asked for", async () => {
    const { store } = await setup();

    const [outcome] = await store.instances.create([
      newInstance("a", { params: "[1]", priority: 7 }),
    ]);

    const request = { instanceId: "a", wakeUp: expect.any(Number), rank: 7 };
    expect(outcome).toEqual({ type: "created", requests: [request] });
    expect(await store.instances.get("a")).toEqual({
      id: "a",
      status: "queued",
      params: "[1]",
      priority: 7,
      createdAt: expect.any(Number),
      lastNumber: expect.any(Number),
      trigger: "binding",
    });
    expect(await store.instances.history("a")).toEqual([]);
  });

  test("what is in the params comes back as it went in", async () => {
    const { store } = await setup();
    const params = JSON.stringify({ empty: [{}, []], big: 2 ** 60, text: 'ü€😀\n"\\\u0000' });

    await create(store, "a", { params });

    expect((await store.instances.get("a"))?.params).toBe(params);
    expect((await claim(store, "a")).params).toBe(params);
  });

  test("an id that is taken is refused, and the first instance stays as it is", async () => {
    const { store } = await setup();
    await create(store, "a", { params: "1" });

    const [outcome] = await store.instances.create([newInstance("a", { params: "2" })]);

    expect(outcome).toEqual({ type: "exists" });
    expect(await store.instances.get("a")).toMatchObject({ params: "1" });
  });

  test("a repeated create answers as the first did while nobody claimed", async () => {
    const { store } = await setup();
    const instance = newInstance("a");

    const first = await store.instances.create([instance]);
    const repeat = await store.instances.create([instance]);

    expect(repeat).toEqual(first);
  });

  test("a repeated create asks for no activation once it was claimed", async () => {
    const { store } = await setup();
    const instance = newInstance("a");
    await store.instances.create([instance]);
    await claim(store, "a");

    expect(await store.instances.create([instance])).toEqual([{ type: "created", requests: [] }]);
    expect(await statusOf(store, "a")).toBe("running");
  });

  test("the outcomes of a batch are in its order, each by itself", async () => {
    const { store } = await setup();
    await create(store, "b");

    const outcomes = await store.instances.create(
      ["a", "b", "c", "a"].map((id) => newInstance(id)),
    );

    expect(outcomes.map((outcome) => outcome.type)).toEqual([
      "created",
      "exists",
      "created",
      "exists",
    ]);
  });

  test("an empty batch creates nothing", async () => {
    const { store } = await setup();

    expect(await store.instances.create([])).toEqual([]);
  });

  test("a delayed instance is queued, but not to be claimed before its time", async () => {
    const { store, passTime } = await setup();

    expect(await create(store, "a", { delayMs: 200, priority: 3 })).toEqual([]);

    expect(await statusOf(store, "a")).toBe("queued");
    expect(await store.activations.claim(claimRequest("a"))).toEqual({
      type: "refused",
      reason: "waiting",
    });
    expect((await store.sweeps.wakeDue(10)).requests).toEqual([]);
    await passTime(200);
    expect((await store.sweeps.wakeDue(10)).requests).toMatchObject([{ instanceId: "a", rank: 3 }]);
    await claim(store, "a");
  });

  test("an id is free again once deleted, and no number is used twice", async () => {
    const { store } = await setup();
    const [first] = await create(store, "a");
    const { fence } = await claim(store, "a");

    await store.commands.delete("a");
    const [second] = await create(store, "a");
    const again = await claim(store, "a");

    const numbers = [first?.wakeUp, fence, second?.wakeUp, again.fence];
    expect(new Set(numbers).size).toBe(4);
  });

  test("two stores on one partition see the same instances", async () => {
    const { store, connect } = await setup();
    const other = await connect();

    await run(store, "a");

    expect(await statusOf(other, "a")).toBe("running");
  });
}

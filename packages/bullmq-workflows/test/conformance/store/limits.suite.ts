import { expect, test } from "vitest";
import type { Store } from "../../../src/engine/ports/store.ts";
import {
  COMPLETE,
  LONG_MS,
  SHORT_MS,
  TICK_MS,
  claim,
  claimRequest,
  create,
  idsOf,
  requested,
  run,
  statusOf,
  suspendUntil,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

/** The only slot is taken by "first". */
async function withOneSlot(store: Store): Promise<{ readonly fence: number }> {
  await store.configure({ concurrencyLimit: 1 });
  return await run(store, "first");
}

async function finish(
  store: Store,
  id: string,
  claimed: { fence: number },
): Promise<readonly string[]> {
  return requested(await store.activations.finish({ ...write(id, claimed), result: COMPLETE }));
}

export function limitTests(setup: SetUp): void {
  test("beyond the limit instances are queued, but neither dispatched nor to be claimed", async () => {
    const { store } = await setup();
    await store.configure({ concurrencyLimit: 2 });

    const requests = await Promise.all(["a", "b", "c"].map((id) => create(store, id)));

    expect(requests.map(({ length }) => length)).toEqual([1, 1, 0]);
    expect(await store.activations.claim(claimRequest("c"))).toEqual({
      type: "refused",
      reason: "limited",
    });
    expect(await statusOf(store, "c")).toBe("queued");
    expect(idsOf(await store.sweeps.redispatch({ olderThanMs: 0, limit: 10 }))).toEqual(["a", "b"]);
  });

  test("a repeated create of an instance held back asks for nothing", async () => {
    const { store } = await setup();
    await withOneSlot(store);
    const nonce = "same";
    await create(store, "a", { nonce });

    expect(await create(store, "a", { nonce })).toEqual([]);
  });

  test("the first of the backlog is the lowest priority, then the first come", async () => {
    const { store } = await setup();
    let claimed = await withOneSlot(store);
    await create(store, "late", { priority: 9 });
    await create(store, "second", { priority: 2 });
    await create(store, "urgent", { priority: 1 });
    await create(store, "third", { priority: 2 });

    const order: string[] = [];
    for (let id: string | undefined = "first"; id;) {
      [id] = await finish(store, id, claimed);
      if (id === undefined) break;
      order.push(id);
      claimed = await claim(store, id);
    }

    expect(order).toEqual(["urgent", "second", "third", "late"]);
  });

  test("what ran before goes before what is new", async () => {
    const { store } = await setup();
    await suspendUntil(store, "woken", "go");
    const claimed = await withOneSlot(store);
    await create(store, "new", { priority: 1 });

    expect(requested(await store.commands.sendEvent("woken", { type: "go" }))).toEqual([]);

    expect(await finish(store, "first", claimed)).toEqual(["woken"]);
  });

  test("a request held back comes with the number and rank it was made with", async () => {
    const { store } = await setup();
    const claimed = await withOneSlot(store);
    await create(store, "a", { priority: 3 });

    const outcome = await store.activations.finish({
      ...write("first", claimed),
      result: COMPLETE,
    });

    const request = { instanceId: "a", wakeUp: expect.any(Number), rank: 3 };
    expect(outcome).toEqual({ type: "finished", at: expect.any(Number), requests: [request] });
    const again = await store.sweeps.redispatch({ olderThanMs: 0, limit: 10 });
    expect(outcome).toMatchObject({ requests: again });
  });

  const ends: readonly (readonly [
    string,
    (store: Store, c: { fence: number }) => Promise<object>,
  ])[] = [
    ["suspend", (store, c) => store.activations.suspend({ ...write("first", c), awaits: [] })],
    ["finish", (store, c) => store.activations.finish({ ...write("first", c), result: COMPLETE })],
    ["terminate", (store) => store.commands.terminate("first")],
    ["delete", (store) => store.commands.delete("first")],
    [
      "settlePause",
      async (store, c) => {
        await store.commands.pause("first");
        return await store.activations.settlePause(write("first", c));
      },
    ],
  ];
  test.each(ends)("%s frees the slot, and the next one is admitted", async (_, end) => {
    const { store } = await setup();
    const claimed = await withOneSlot(store);
    await create(store, "next");

    expect(requested(await end(store, claimed))).toEqual(["next"]);

    await claim(store, "next");
  });

  test("a pause of what was admitted but not claimed frees its slot", async () => {
    const { store } = await setup();
    await store.configure({ concurrencyLimit: 1 });
    await create(store, "a");
    await create(store, "b");

    expect(requested(await store.commands.pause("a"))).toEqual(["b"]);
  });

  test("an instance held back can be paused, terminated and deleted", async () => {
    const { store } = await setup();
    const claimed = await withOneSlot(store);
    for (const id of ["a", "b", "c", "d"]) await create(store, id);

    expect(await store.commands.pause("a")).toEqual({ type: "done", requests: [] });
    expect(await store.commands.terminate("b")).toEqual({ type: "done", requests: [] });
    expect(await store.commands.delete("c")).toEqual({ type: "done", requests: [] });

    expect(await finish(store, "first", claimed)).toEqual(["d"]);
  });

  test("a released and an adopted instance keep their slot", async () => {
    const { store, passTime } = await setup();
    const claimed = await withOneSlot(store);
    await create(store, "next");

    expect(requested(await store.activations.release(write("first", claimed)))).toEqual(["first"]);
    await claim(store, "first", { leaseMs: SHORT_MS });
    await passTime(TICK_MS);
    expect(idsOf(await store.sweeps.adoptOrphans(10))).toEqual(["first"]);

    expect(await store.activations.claim(claimRequest("next"))).toMatchObject({
      reason: "limited",
    });
  });

  test("they keep it even if the limit was lowered meanwhile", async () => {
    const { store, passTime } = await setup();
    await store.configure({ concurrencyLimit: 3 });
    const released = await run(store, "released");
    await run(store, "orphan", { leaseMs: SHORT_MS });
    await run(store, "other");
    await passTime(TICK_MS);

    await store.configure({ concurrencyLimit: 1 });

    expect(requested(await store.activations.release(write("released", released)))).toEqual([
      "released",
    ]);
    expect(idsOf(await store.sweeps.adoptOrphans(10))).toEqual(["orphan"]);
  });

  test("an orphan that is paused instead gives its slot to the next", async () => {
    const { store, passTime } = await setup();
    await store.configure({ concurrencyLimit: 1 });
    await run(store, "first", { leaseMs: SHORT_MS });
    await create(store, "next");
    await store.commands.pause("first");
    await passTime(TICK_MS);

    expect(idsOf(await store.sweeps.adoptOrphans(10))).toEqual(["next"]);
  });

  test("a waiting instance claimed early without a free slot gets the next one", async () => {
    const { store } = await setup();
    await suspendUntil(store, "a", "go");
    const claimed = await withOneSlot(store);
    await create(store, "new", { priority: 1 });

    const early = claimRequest("a", { early: true });
    expect(await store.activations.claim(early)).toEqual({ type: "refused", reason: "limited" });

    expect(await statusOf(store, "a")).toBe("queued");
    expect(await finish(store, "first", claimed)).toEqual(["a"]);
    expect(await store.activations.claim(claimRequest("a"))).toMatchObject({ type: "claimed" });
    expect(await store.activations.claim(claimRequest("new"))).toMatchObject({ reason: "limited" });
  });

  test("a due instance without a slot is held back", async () => {
    const { store, passTime } = await setup();
    const sleeper = await run(store, "a");
    await store.activations.suspend({ ...write("a", sleeper), wakeInMs: 1, awaits: [] });
    const claimed = await withOneSlot(store);
    await passTime(TICK_MS);

    expect((await store.sweeps.wakeDue(10)).requests).toEqual([]);

    expect(await statusOf(store, "a")).toBe("queued");
    expect(await finish(store, "first", claimed)).toEqual(["a"]);
  });

  test("a restarted instance queues up behind those that were there before", async () => {
    const { store } = await setup();
    await withOneSlot(store);
    await create(store, "next");

    expect(requested(await store.commands.restart("first"))).toEqual(["next"]);

    expect(await store.activations.claim(claimRequest("first"))).toMatchObject({
      reason: "limited",
    });
    expect(await finish(store, "next", await claim(store, "next"))).toEqual(["first"]);
  });

  test("a raised limit admits as many as it allows, no limit admits all", async () => {
    const { store } = await setup();
    await withOneSlot(store);
    for (const id of ["a", "b", "c", "d"]) await create(store, id);

    expect(idsOf(await store.configure({ concurrencyLimit: 3 }))).toEqual(["a", "b"]);
    expect(idsOf(await store.configure({ concurrencyLimit: 0 }))).toEqual(["c", "d"]);
    expect(idsOf(await create(store, "e"))).toEqual(["e"]);
  });

  test("a lowered limit takes no slot away, and admits nobody until enough are free", async () => {
    const { store } = await setup();
    await store.configure({ concurrencyLimit: 3 });
    const running = await Promise.all(["a", "b", "c"].map((id) => run(store, id)));
    await create(store, "next");

    expect(await store.configure({ concurrencyLimit: 1 })).toEqual([]);

    const admitted: (readonly string[])[] = [];
    for (const [index, id] of ["a", "b", "c"].entries()) {
      admitted.push(await finish(store, id, running[index] ?? { fence: 0 }));
    }
    expect(admitted).toEqual([[], [], ["next"]]);
  });

  test("a repeated end does not free a second slot", async () => {
    const { store } = await setup();
    const claimed = await withOneSlot(store);
    for (const id of ["a", "b"]) await create(store, id);

    expect(await finish(store, "first", claimed)).toEqual(["a"]);
    expect(await finish(store, "first", claimed)).toEqual([]);

    expect(await store.activations.claim(claimRequest("b"))).toMatchObject({ reason: "limited" });
  });

  test("delayed instances need no slot until they are due", async () => {
    const { store } = await setup();
    await store.configure({ concurrencyLimit: 1 });
    await create(store, "later", { delayMs: LONG_MS });

    expect(idsOf(await create(store, "a"))).toEqual(["a"]);
  });
}

import { expect, test } from "vitest";
import {
  COMPLETE,
  ERRORED,
  LONG_MS,
  SHORT_MS,
  TICK_MS,
  claim,
  claimRequest,
  create,
  historyOf,
  idsOf,
  run,
  statusOf,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const SOON = { successMs: 1, errorMs: 1 };

export function sweepingTests(setup: SetUp): void {
  test("an orphan is queued again under a new wake-up number, with its history", async () => {
    const { store, passTime } = await setup();
    const [first] = await create(store, "a");
    const claimed = await claim(store, "a", { leaseMs: SHORT_MS });
    await store.activations.commit(write("a", claimed, { entries: ['{"n":1}'] }));
    await passTime(TICK_MS);

    const [request] = await store.sweeps.adoptOrphans(10);

    expect(request).toMatchObject({ instanceId: "a", rank: 0 });
    expect(request?.wakeUp).toBeGreaterThan(Number(first?.wakeUp));
    expect(await statusOf(store, "a")).toBe("queued");
    expect(await historyOf(store, "a")).toEqual(['{"n":1}']);
    expect(await store.sweeps.adoptOrphans(10)).toEqual([]);
  });

  test("only instances whose lease ran out are adopted, as many as asked for", async () => {
    const { store, passTime } = await setup();
    for (const id of ["a", "b", "c"]) await run(store, id, { leaseMs: SHORT_MS });
    await run(store, "alive");
    await passTime(TICK_MS);

    expect(await store.sweeps.adoptOrphans(2)).toHaveLength(2);
    expect(await store.sweeps.adoptOrphans(2)).toHaveLength(1);
    expect(await statusOf(store, "alive")).toBe("running");
  });

  test("due instances are woken soonest first, as many as asked for", async () => {
    const { store, passTime } = await setup();
    for (const [id, wakeInMs] of [
      ["c", 3],
      ["a", 1],
      ["b", 2],
      ["later", LONG_MS],
    ] as const) {
      await store.activations.suspend({ ...write(id, await run(store, id)), wakeInMs, awaits: [] });
      // One instant for each: what is equally due is woken in any order.
      await passTime(id === "c" ? 0 : 2);
    }
    await passTime(TICK_MS);

    const first = await store.sweeps.wakeDue(2);
    const second = await store.sweeps.wakeDue(2);

    expect(first.requests).toHaveLength(2);
    expect([...idsOf(first.requests), ...idsOf(second.requests)].toSorted()).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect(first.nextAt).toBeLessThanOrEqual(first.now);
    expect(second.nextAt).toBeGreaterThan(second.now);
  });

  test("with nothing to wait for there is no next wake-up", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    const due = await store.sweeps.wakeDue(10);

    expect(due).toEqual({ requests: [], now: expect.any(Number) });
    expect(due.now).toBeGreaterThanOrEqual(claimed.now);
  });

  test("what nobody claimed for long is asked for again, with the same number", async () => {
    const { store, passTime } = await setup();
    const requests = await create(store, "a");
    await passTime(TICK_MS);

    const again = await store.sweeps.redispatch({ olderThanMs: 2, limit: 10 });

    expect(again).toEqual(requests);
    await claim(store, "a");
    expect(await store.sweeps.redispatch({ olderThanMs: 0, limit: 10 })).toEqual([]);
  });

  test("what was asked for again has to wait as long before the next time", async () => {
    const { store, passTime } = await setup();
    await create(store, "a");
    await passTime(TICK_MS);

    const request = { olderThanMs: TICK_MS, limit: 10 };
    const [first, second] = await Promise.all([
      store.sweeps.redispatch(request),
      store.sweeps.redispatch(request),
    ]);

    expect(first).toHaveLength(1);
    expect(second).toEqual([]);
  });

  test("as many are asked for again as asked for", async () => {
    const { store } = await setup();
    for (const id of ["a", "b", "c"]) await create(store, id);

    expect(await store.sweeps.redispatch({ olderThanMs: 0, limit: 2 })).toHaveLength(2);
  });

  test("finished instances are deleted once their retention is over", async () => {
    const { store, passTime } = await setup();
    const results = { complete: COMPLETE, errored: ERRORED };
    for (const [id, result] of Object.entries(results)) {
      await create(store, id, { retention: SOON });
      await store.activations.finish({ ...write(id, await claim(store, id)), result });
    }
    await create(store, "terminated", { retention: SOON });
    await store.commands.terminate("terminated");
    await create(store, "alive", { retention: SOON });
    await passTime(TICK_MS);

    expect(await store.sweeps.expire(2)).toBe(2);
    expect(await store.sweeps.expire(2)).toBe(1);
    expect(await store.sweeps.expire(2)).toBe(0);

    for (const id of ["complete", "errored", "terminated"]) {
      expect(await store.instances.get(id)).toBeUndefined();
      expect(await store.instances.history(id)).toEqual([]);
    }
    expect(await statusOf(store, "alive")).toBe("queued");
  });

  test.each([
    ["complete", { successMs: SHORT_MS, errorMs: LONG_MS }],
    ["errored", { successMs: LONG_MS, errorMs: SHORT_MS }],
  ])("a %s instance has a retention of its own", async (status, retention) => {
    const { store, passTime } = await setup();
    for (const [id, result] of Object.entries({ complete: COMPLETE, errored: ERRORED })) {
      await create(store, id, { retention });
      await store.activations.finish({ ...write(id, await claim(store, id)), result });
    }
    await passTime(TICK_MS);

    expect(await store.sweeps.expire(10)).toBe(1);
    expect(await store.instances.get(status)).toBeUndefined();
  });

  test("a restart ends the retention", async () => {
    const { store, passTime } = await setup();
    await create(store, "a", { retention: SOON });
    await store.activations.finish({ ...write("a", await claim(store, "a")), result: COMPLETE });

    await store.commands.restart("a");
    await passTime(TICK_MS);

    expect(await store.sweeps.expire(10)).toBe(0);
    expect(await store.activations.claim(claimRequest("a"))).toMatchObject({ type: "claimed" });
  });
}

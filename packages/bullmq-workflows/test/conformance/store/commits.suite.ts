import { expect, test } from "vitest";
import { LONG_MS, SHORT_MS, TICK_MS, claim, historyOf, run, statusOf, write } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const NO_NEWS = { isPauseRequested: false, events: [], lastEvent: 0 };

export function commitTests(setup: SetUp): void {
  test("a commit appends its entries in order, all at the instant it answers with", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    const first = await store.activations.commit(
      write("a", claimed, { entries: ['{"n":1}', '{"n":2}'] }),
    );
    await store.activations.commit(write("a", claimed, { commit: 2, entries: ['{"n":3}'] }));

    expect(first).toEqual({ type: "committed", at: expect.any(Number), news: NO_NEWS });
    const at = first.type === "committed" ? first.at : 0;
    expect(at).toBeGreaterThanOrEqual(claimed.now);
    expect(await store.instances.history("a")).toEqual([
      { at, text: '{"n":1}' },
      { at, text: '{"n":2}' },
      { at: expect.any(Number), text: '{"n":3}' },
    ]);
  });

  test("entries come back as they went in", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const entries = [
      '{"text":"ü€😀\\n","empty":[{},[]],"big":123456789012345678901}',
      '{"2":"3 4"}',
    ];

    await store.activations.commit(write("a", claimed, { entries }));

    expect(await historyOf(store, "a")).toEqual(entries);
  });

  test("thousands of entries fit into one commit", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const entries = Array.from({ length: 10_000 }, (_, n) => `{"n":${n}}`);

    await store.activations.commit(write("a", claimed, { entries }));

    expect(await historyOf(store, "a")).toEqual(entries);
  });

  test("a repeated commit writes nothing and answers with the same instant", async () => {
    const { store, passTime } = await setup();
    const claimed = await run(store, "a");
    const commit = write("a", claimed, { entries: ['{"n":1}'] });

    const first = await store.activations.commit(commit);
    await passTime(TICK_MS);
    const repeat = await store.activations.commit(commit);

    expect(repeat).toEqual(first);
    expect(await historyOf(store, "a")).toEqual(['{"n":1}']);
  });

  test("a repeated commit answers as the first even after the lease was lost", async () => {
    const { store, passTime } = await setup();
    const claimed = await run(store, "a", { leaseMs: SHORT_MS });
    const commit = write("a", claimed, { entries: ['{"n":1}'] });
    const first = await store.activations.commit(commit);
    await passTime(TICK_MS);
    await store.sweeps.adoptOrphans(10);

    expect(await store.activations.commit(commit)).toEqual(first);
    expect(await store.activations.commit({ ...commit, commit: 2 })).toEqual({ type: "stale" });
  });

  test("commit numbers begin anew with each claim", async () => {
    const { store } = await setup();
    const first = await run(store, "a");
    await store.activations.commit(write("a", first, { commit: 1, entries: ['{"n":1}'] }));
    await store.activations.release(write("a", first, { commit: 2 }));
    const second = await claim(store, "a");

    await store.activations.commit(write("a", second, { commit: 1, entries: ['{"n":2}'] }));

    expect(await historyOf(store, "a")).toEqual(['{"n":1}', '{"n":2}']);
  });

  test("a stale fence changes nothing", async () => {
    const { store } = await setup();
    const old = await run(store, "a");
    await store.activations.release(write("a", old));
    await store.commands.sendEvent("a", { type: "go" });
    const current = await claim(store, "a");
    const stale = { type: "stale" };
    const attempt = write("a", old, { commit: 9, entries: ["{}"], consumed: [1], seenEvent: 1 });

    expect(await store.activations.commit(attempt)).toEqual(stale);
    expect(await store.activations.suspend({ ...attempt, awaits: [] })).toEqual(stale);
    expect(await store.activations.settlePause(attempt)).toEqual(stale);
    expect(await store.activations.release(attempt)).toEqual(stale);
    expect(
      await store.activations.finish({ ...attempt, result: { status: "complete", output: "1" } }),
    ).toEqual(stale);

    expect(await store.instances.history("a")).toEqual([]);
    expect(await statusOf(store, "a")).toBe("running");
    const look = await store.activations.commit(write("a", current));
    expect(look).toMatchObject({ type: "committed", news: { events: [{ seq: 1 }] } });
  });

  test("a write to an instance that is not there is stale", async () => {
    const { store } = await setup();

    expect(await store.activations.commit(write("a", { fence: 1 }))).toEqual({ type: "stale" });
    expect(await store.activations.release(write("a", { fence: 1 }))).toEqual({ type: "stale" });
    expect(await store.instances.get("a")).toBeUndefined();
  });

  test("a write without a lease is stale, although nobody else claimed", async () => {
    const { store, passTime } = await setup();
    const claimed = await run(store, "a", { leaseMs: SHORT_MS });
    await passTime(TICK_MS);
    await store.sweeps.adoptOrphans(10);

    expect(await store.activations.commit(write("a", claimed, { entries: ["{}"] }))).toEqual({
      type: "stale",
    });
    expect(await store.instances.history("a")).toEqual([]);
  });

  test("an instance deleted and created again is out of reach of the old fence", async () => {
    const { store } = await setup();
    const old = await run(store, "a");
    await store.commands.delete("a");
    const current = await run(store, "a");

    expect(await store.activations.commit(write("a", old, { entries: ["{}"] }))).toEqual({
      type: "stale",
    });
    expect(
      await store.activations.renew({
        instanceId: "a",
        fence: old.fence,
        leaseMs: LONG_MS,
        seenEvent: 0,
      }),
    ).toEqual({ type: "stale" });
    expect(await store.instances.history("a")).toEqual([]);
    expect(await store.activations.commit(write("a", current))).toMatchObject({
      type: "committed",
    });
  });

  test("a look writes nothing and leaves its number to others", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    expect(await store.activations.commit(write("a", claimed))).toMatchObject({ news: NO_NEWS });
    await store.activations.commit(write("a", claimed, { entries: ['{"n":1}'] }));

    expect(await historyOf(store, "a")).toEqual(['{"n":1}']);
  });

  test("a commit brings the news that a pause is asked for, and that it no longer is", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    await store.commands.pause("a");
    expect(await store.activations.commit(write("a", claimed))).toMatchObject({
      news: { isPauseRequested: true },
    });
    await store.commands.resume("a");
    expect(await store.activations.commit(write("a", claimed))).toMatchObject({
      news: { isPauseRequested: false },
    });
  });
}

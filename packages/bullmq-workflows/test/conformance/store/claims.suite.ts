import { expect, test } from "vitest";
import {
  COMPLETE,
  LONG_MS,
  SHORT_MS,
  TICK_MS,
  claim,
  claimRequest,
  create,
  run,
  statusOf,
  suspendUntil,
  texts,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

export function claimTests(setup: SetUp): void {
  test("a claim brings all that is needed to run, and starts the instance", async () => {
    const { store } = await setup();
    await create(store, "a", { params: "42" });

    const claimed = await claim(store, "a");

    const record = await store.instances.get("a");
    expect(claimed).toEqual({
      fence: expect.any(Number),
      now: record?.startedAt,
      params: "42",
      createdAt: record?.createdAt,
      isContinuation: false,
      history: [],
      events: [],
      lastEvent: 0,
      isAfterCrash: false,
    });
    expect(record?.status).toBe("running");
  });

  test("startedAt is the first claim's for good", async () => {
    const { store, passTime } = await setup();
    const claimed = await run(store, "a");
    await store.activations.release(write("a", claimed));
    await passTime(TICK_MS);

    const again = await claim(store, "a");

    expect(again.now).toBeGreaterThan(claimed.now);
    expect((await store.instances.get("a"))?.startedAt).toBe(claimed.now);
  });

  test("nothing can be claimed of what is missing, finished, paused or waiting", async () => {
    const { store } = await setup();
    await store.activations.finish({
      ...write("finished", await run(store, "finished")),
      result: COMPLETE,
    });
    await create(store, "paused");
    await store.commands.pause("paused");
    await suspendUntil(store, "waiting", "go");

    for (const reason of ["missing", "finished", "paused", "waiting"]) {
      expect(await store.activations.claim(claimRequest(reason))).toEqual({
        type: "refused",
        reason,
      });
    }
    expect(await store.activations.claim(claimRequest("finished", { early: true }))).toMatchObject({
      reason: "finished",
    });
  });

  test("an instance with a live lease is refused to others", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    expect(await store.activations.claim(claimRequest("a"))).toEqual({
      type: "refused",
      reason: "leased",
    });
    expect(await store.activations.commit(write("a", claimed))).toMatchObject({
      type: "committed",
    });
  });

  test("a repeated claim gets the same fence and the same contents", async () => {
    const { store } = await setup();
    await create(store, "a");
    const request = claimRequest("a");

    const first = await store.activations.claim(request);
    const repeat = await store.activations.claim(request);

    expect(first).toMatchObject({ type: "claimed", claim: { isContinuation: false } });
    expect(repeat).toMatchObject({
      type: "claimed",
      claim: { fence: first.type === "claimed" && first.claim.fence, history: [], events: [] },
    });
  });

  test("whose lease ran out loses the instance to the next claim", async () => {
    const { store, passTime } = await setup();
    const late = await run(store, "a", { leaseMs: SHORT_MS });
    await passTime(TICK_MS);

    const next = await claim(store, "a", { workerId: "other" });

    expect(next.fence).toBeGreaterThan(late.fence);
    expect(await store.activations.commit(write("a", late, { entries: ["{}"] }))).toEqual({
      type: "stale",
    });
    expect(await store.instances.history("a")).toEqual([]);
  });

  test.each(["by a sweep", "by a claim"])(
    "so does the claim of one that was to pause, and is paused %s, when it goes on",
    async (how) => {
      const { store, passTime } = await setup();
      await run(store, "a", { leaseMs: SHORT_MS });
      await store.commands.pause("a");
      await passTime(SHORT_MS + TICK_MS);
      if (how === "by a sweep") await store.sweeps.adoptOrphans(10);
      else await store.activations.claim(claimRequest("a"));
      expect(await statusOf(store, "a")).toBe("paused");

      await store.commands.resume("a");

      expect((await claim(store, "a")).isAfterCrash).toBe(true);
    },
  );

  test.each(["by a sweep", "by a claim"])(
    "the claim of an orphan taken back %s says so, and the one after does not",
    async (how) => {
      const { store, passTime } = await setup();
      await run(store, "a", { leaseMs: SHORT_MS });
      await passTime(SHORT_MS + TICK_MS);
      if (how === "by a sweep") await store.sweeps.adoptOrphans(10);

      const after = await claim(store, "a");

      expect(after.isAfterCrash).toBe(true);
      await store.activations.release(write("a", after));
      expect((await claim(store, "a")).isAfterCrash).toBe(false);
    },
  );

  test("a renewed lease lasts from the renewal", async () => {
    const { store, passTime } = await setup();
    const claimed = await run(store, "a", { leaseMs: SHORT_MS });

    const renewal = { instanceId: "a", fence: claimed.fence, leaseMs: LONG_MS, seenEvent: 0 };
    expect(await store.activations.renew(renewal)).toEqual({
      type: "renewed",
      news: { isPauseRequested: false, events: [], lastEvent: 0 },
    });
    await passTime(TICK_MS);

    expect(await store.activations.claim(claimRequest("a"))).toMatchObject({ reason: "leased" });
    expect(await store.sweeps.adoptOrphans(10)).toEqual([]);
  });

  test("the lease of an older fence cannot be renewed", async () => {
    const { store } = await setup();
    const old = await run(store, "a");
    await store.activations.release(write("a", old));
    const renewal = { instanceId: "a", fence: old.fence, leaseMs: LONG_MS, seenEvent: 0 };

    expect(await store.activations.renew(renewal)).toEqual({ type: "stale" });
    await claim(store, "a");
    expect(await store.activations.renew(renewal)).toEqual({ type: "stale" });
    expect(await store.activations.renew({ ...renewal, instanceId: "b" })).toEqual({
      type: "stale",
    });
  });

  test("a claim after an asked-for pause whose worker died pauses instead", async () => {
    const { store, passTime } = await setup();
    await run(store, "a", { leaseMs: SHORT_MS });
    await store.commands.pause("a");
    await passTime(TICK_MS);

    expect(await store.activations.claim(claimRequest("a"))).toEqual({
      type: "refused",
      reason: "paused",
    });
    expect(await statusOf(store, "a")).toBe("paused");
    expect(texts(await store.instances.history("a"))).toEqual(['{"type":"workflow_paused"}']);
  });

  test("who holds the entries so far is sent only those since", async () => {
    const { store } = await setup();
    const first = await run(store, "a");
    await store.activations.suspend({
      ...write("a", first, { entries: ['{"n":1}', '{"n":2}'] }),
      awaits: [],
    });
    await store.commands.pause("a");
    await store.commands.resume("a");

    const next = await claim(store, "a", { held: { fence: first.fence, entries: 2 } });

    expect(next.isContinuation).toBe(true);
    expect(texts(next.history)).toEqual([
      '{"type":"workflow_paused"}',
      expect.stringContaining("workflow_resumed"),
    ]);
  });

  test("who holds all entries is sent none", async () => {
    const { store } = await setup();
    const first = await run(store, "a");
    await store.activations.release(write("a", first, { entries: ['{"n":1}'] }));

    const next = await claim(store, "a", { held: { fence: first.fence, entries: 1 } });

    expect(next).toMatchObject({ isContinuation: true, history: [] });
  });

  test("who holds what another has gone on from is sent everything", async () => {
    const { store } = await setup();
    const first = await run(store, "a");
    await store.activations.release(write("a", first, { entries: ['{"n":1}'] }));
    const second = await claim(store, "a");
    await store.activations.release(write("a", second, { entries: ['{"n":2}'] }));

    const next = await claim(store, "a", { held: { fence: first.fence, entries: 1 } });

    expect(next.isContinuation).toBe(false);
    expect(texts(next.history)).toEqual(['{"n":1}', '{"n":2}']);
  });

  test("who holds more entries than there are is sent everything", async () => {
    const { store } = await setup();
    const first = await run(store, "a");
    await store.activations.release(write("a", first, { entries: ['{"n":1}'] }));

    const next = await claim(store, "a", { held: { fence: first.fence, entries: 2 } });

    expect(next.isContinuation).toBe(false);
    expect(texts(next.history)).toEqual(['{"n":1}']);
  });

  test("a waiting instance can be claimed early", async () => {
    const { store } = await setup();
    const first = await run(store, "a");
    await store.activations.suspend({ ...write("a", first), wakeInMs: LONG_MS, awaits: ["go"] });

    const held = { fence: first.fence, entries: 0 };
    const next = await claim(store, "a", { early: true, held });

    expect(next).toMatchObject({ isContinuation: true, history: [] });
    expect(await statusOf(store, "a")).toBe("running");
    expect((await store.sweeps.wakeDue(10)).nextAt).toBeUndefined();
  });
}

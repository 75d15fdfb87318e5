import { expect, test } from "vitest";
import {
  COMPLETE,
  ERRORED,
  LONG_MS,
  SHORT_MS,
  TICK_MS,
  claim,
  claimRequest,
  historyOf,
  idsOf,
  requested,
  run,
  statusOf,
  suspendUntil,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

export function suspensionTests(setup: SetUp): void {
  test("a suspended instance waits, with its entries appended", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    const outcome = await store.activations.suspend({
      ...write("a", claimed, { entries: ['{"n":1}'] }),
      awaits: [],
    });

    const [entry] = await store.instances.history("a");
    expect(outcome).toEqual({ type: "suspended", at: entry?.at, requests: [] });
    expect(await statusOf(store, "a")).toBe("waiting");
    expect(await store.sweeps.redispatch({ olderThanMs: 0, limit: 10 })).toEqual([]);
  });

  test("it is woken when its instant has come, not earlier", async () => {
    const { store, passTime } = await setup();
    const claimed = await run(store, "a");
    const wakeAt = claimed.now + 300;
    await store.activations.suspend({ ...write("a", claimed), wakeAt, awaits: [] });

    expect(await store.sweeps.wakeDue(10)).toMatchObject({ requests: [], nextAt: wakeAt });
    await passTime(300);
    const due = await store.sweeps.wakeDue(10);

    expect(due.now).toBeGreaterThanOrEqual(wakeAt);
    expect(due.requests).toMatchObject([{ instanceId: "a", rank: 0 }]);
    expect(await statusOf(store, "a")).toBe("queued");
    expect((await store.sweeps.wakeDue(10)).requests).toEqual([]);
  });

  test("it is woken a while after the write", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    const outcome = await store.activations.suspend({
      ...write("a", claimed),
      wakeInMs: 500,
      awaits: [],
    });

    const at = outcome.type === "suspended" ? outcome.at : NaN;
    expect((await store.sweeps.wakeDue(10)).nextAt).toBe(at + 500);
  });

  test.each([
    ["the instant", { at: 200, in: LONG_MS }],
    ["the while", { at: LONG_MS, in: 200 }],
  ])("it is woken by whichever is sooner: %s", async (_, wake) => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    const outcome = await store.activations.suspend({
      ...write("a", claimed),
      wakeAt: claimed.now + wake.at,
      wakeInMs: wake.in,
      awaits: [],
    });

    const at = outcome.type === "suspended" ? outcome.at : NaN;
    const expected = wake.in === 200 ? at + 200 : claimed.now + 200;
    expect((await store.sweeps.wakeDue(10)).nextAt).toBe(expected);
  });

  test("a repeated suspend answers as the first did, and wakes nothing twice", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const suspend = { ...write("a", claimed, { entries: ['{"n":1}'] }), awaits: ["go"] };

    const first = await store.activations.suspend(suspend);
    expect(await store.activations.suspend(suspend)).toEqual(first);
    await store.commands.sendEvent("a", { type: "go" });
    expect(await store.activations.suspend(suspend)).toEqual(first);

    expect(await historyOf(store, "a")).toEqual(['{"n":1}']);
    expect(await statusOf(store, "a")).toBe("queued");
  });

  test("a repeated suspend is stale once somebody claimed", async () => {
    const { store } = await setup();
    const claimed = await suspendUntil(store, "a", "go");
    await claim(store, "a", { early: true });

    const repeat = await store.activations.suspend({ ...write("a", claimed), awaits: ["go"] });

    expect(repeat).toEqual({ type: "stale" });
    expect(await statusOf(store, "a")).toBe("running");
  });

  test("a suspend is refused when a pause was asked for, and writes nothing", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.commands.pause("a");

    const outcome = await store.activations.suspend({
      ...write("a", claimed, { entries: ["{}"] }),
      awaits: [],
    });

    expect(outcome).toMatchObject({ type: "arrived", news: { isPauseRequested: true } });
    expect(await store.instances.history("a")).toEqual([]);
    expect(await statusOf(store, "a")).toBe("waitingForPause");
  });
}

export function finishTests(setup: SetUp): void {
  test("a completed instance has its output, its end and its last entry", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    const outcome = await store.activations.finish({
      ...write("a", claimed, { entries: ['{"n":1}'] }),
      result: COMPLETE,
    });

    expect(outcome).toEqual({ type: "finished", at: expect.any(Number), requests: [] });
    const record = await store.instances.get("a");
    expect(record).toMatchObject({ status: "complete", output: COMPLETE.output });
    expect(record).not.toHaveProperty("error");
    expect(record?.endedAt).toBeGreaterThanOrEqual(claimed.now);
    expect(await historyOf(store, "a")).toEqual(['{"n":1}', '{"type":"workflow_completed"}']);
  });

  test("a failed instance has its error, its end and its last entry", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    await store.activations.finish({ ...write("a", claimed), result: ERRORED });

    const record = await store.instances.get("a");
    expect(record).toMatchObject({ status: "errored", error: ERRORED.error });
    expect(record).not.toHaveProperty("output");
    expect(await historyOf(store, "a")).toEqual(['{"type":"workflow_errored"}']);
  });

  test("a repeated finish answers as the first did and writes nothing", async () => {
    const { store } = await setup();
    const finish = { ...write("a", await run(store, "a")), result: COMPLETE };

    const first = await store.activations.finish(finish);
    const record = await store.instances.get("a");

    expect(await store.activations.finish(finish)).toEqual(first);
    expect(await store.instances.get("a")).toEqual(record);
    expect(await historyOf(store, "a")).toEqual(['{"type":"workflow_completed"}']);
  });

  test("an instance may finish although a pause is asked for", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.commands.pause("a");

    await store.activations.finish({ ...write("a", claimed), result: COMPLETE });

    expect(await statusOf(store, "a")).toBe("complete");
  });

  test("an ending under an older number is stale once the activation has ended", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: ['{"n":1}'] }));
    await store.activations.release(write("a", claimed, { commit: 2 }));
    const stale = { type: "stale" };

    expect(await store.activations.settlePause(write("a", claimed))).toEqual(stale);
    expect(await store.activations.release(write("a", claimed))).toEqual(stale);
    expect(await store.activations.suspend({ ...write("a", claimed), awaits: [] })).toEqual(stale);
    expect(await store.activations.finish({ ...write("a", claimed), result: COMPLETE })).toEqual(
      stale,
    );
  });

  test("an ending under a number that another write has used is a bug, and throws", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: ['{"n":1}'] }));
    const ending = write("a", claimed, { entries: ['{"n":2}'] });

    await expect(store.activations.finish({ ...ending, result: COMPLETE })).rejects.toThrow(
      "another write",
    );
    await expect(store.activations.suspend({ ...ending, awaits: [] })).rejects.toThrow(
      "another write",
    );
    await expect(store.activations.release(ending)).rejects.toThrow("another write");

    expect(await historyOf(store, "a")).toEqual(['{"n":1}']);
    expect(await statusOf(store, "a")).toBe("running");
  });
}

export function releaseTests(setup: SetUp): void {
  test("a released instance can be claimed at once, ahead of new ones", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    const outcome = await store.activations.release(write("a", claimed, { entries: ['{"n":1}'] }));

    expect(outcome).toMatchObject({ requests: [{ instanceId: "a", rank: 0 }] });
    expect(await statusOf(store, "a")).toBe("queued");
    expect((await claim(store, "a")).history).toHaveLength(1);
  });

  test("a repeated release asks for nothing more", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.release(write("a", claimed));

    expect(await store.activations.release(write("a", claimed))).toEqual({
      type: "released",
      at: expect.any(Number),
      requests: [],
    });
    await claim(store, "a");
    expect(await store.activations.release(write("a", claimed))).toEqual({ type: "stale" });
  });

  test("an instance released while a pause is asked for is paused", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.commands.pause("a");

    const outcome = await store.activations.release(write("a", claimed, { entries: ['{"n":1}'] }));

    expect(outcome).toEqual({ type: "released", at: expect.any(Number), requests: [] });
    expect(await statusOf(store, "a")).toBe("paused");
    expect(await historyOf(store, "a")).toEqual(['{"n":1}', '{"type":"workflow_paused"}']);
  });
}

export function settlePauseTests(setup: SetUp): void {
  test("a settled pause appends the entries, then its own", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.commands.pause("a");

    const outcome = await store.activations.settlePause(
      write("a", claimed, { entries: ['{"n":1}'] }),
    );

    expect(outcome).toEqual({ type: "paused", at: expect.any(Number), requests: [] });
    expect(await statusOf(store, "a")).toBe("paused");
    expect(await historyOf(store, "a")).toEqual(['{"n":1}', '{"type":"workflow_paused"}']);
  });

  test("a repeated settling answers as the first did, resumed or not", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.commands.pause("a");
    const paused = await store.activations.settlePause(write("a", claimed));

    expect(await store.activations.settlePause(write("a", claimed))).toEqual(paused);
    await store.commands.resume("a");
    expect(await store.activations.settlePause(write("a", claimed))).toEqual(paused);
    expect(await statusOf(store, "a")).toBe("queued");
    await claim(store, "a");
    expect(await store.activations.settlePause(write("a", claimed))).toEqual({ type: "stale" });
  });

  test("a pause taken back meanwhile is not settled, but the entries are written", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.commands.pause("a");
    await store.commands.resume("a");
    const settle = write("a", claimed, { entries: ['{"n":1}'] });

    const outcome = await store.activations.settlePause(settle);

    const [entry] = await store.instances.history("a");
    const news = { isPauseRequested: false, events: [], lastEvent: 0 };
    expect(outcome).toEqual({ type: "resumed", at: entry?.at, news });
    expect(await store.activations.settlePause(settle)).toEqual(outcome);
    expect(await historyOf(store, "a")).toEqual(['{"n":1}']);
    expect(await statusOf(store, "a")).toBe("running");
  });

  test("a pause that cannot be settled because its worker died is settled for it", async () => {
    const { store, passTime } = await setup();
    await run(store, "a", { leaseMs: SHORT_MS });
    await store.commands.pause("a");
    await passTime(TICK_MS);

    expect(requested({ requests: await store.sweeps.adoptOrphans(10) })).toEqual([]);

    expect(await statusOf(store, "a")).toBe("paused");
    expect(idsOf(await store.sweeps.redispatch({ olderThanMs: 0, limit: 10 }))).toEqual([]);
    expect(await store.activations.claim(claimRequest("a"))).toMatchObject({ reason: "paused" });
  });
}

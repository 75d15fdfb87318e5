import { expect, test } from "vitest";
import type { Store } from "../../../src/engine/ports/store.ts";
import { COMPLETE, LONG_MS, TICK_MS, claim, create, run, suspendUntil, write } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { setUpDue } from "./schedule-bundle.ts";

const where = async (store: Store, id: string) => await store.insights.whereabouts(id);

export function whereaboutsTests(setup: SetUp): void {
  test("an instance that is not there is nowhere", async () => {
    const { store } = await setup();

    expect(await where(store, "a")).toBeUndefined();
  });

  test("those that wait for a worker know how many go first, and since when they wait", async () => {
    const { store, passTime } = await setup();
    await create(store, "a");
    await passTime(2);
    await create(store, "b");

    const [a, b] = [await where(store, "a"), await where(store, "b")];

    expect(a).toMatchObject({ status: "queued", place: "pending", ahead: 0, limit: 0, taken: 2 });
    expect(b).toMatchObject({ place: "pending", ahead: 1, awaits: [] });
    expect(Math.abs(Number(b?.queuedSince) - Number(b?.createdAt))).toBeLessThan(100);
    expect(b).not.toHaveProperty("worker");
  });

  test("those that wait for a slot know the limit, and their place in line", async () => {
    const { store } = await setup();
    await store.configure({ concurrencyLimit: 1 });
    await run(store, "a");
    await create(store, "b");
    await create(store, "first", { priority: 1 });

    const b = await where(store, "b");

    expect(b).toMatchObject({ place: "backlog", ahead: 1, limit: 1, taken: 1 });
    expect(b).not.toHaveProperty("placedAt");
    expect(await where(store, "first")).toMatchObject({ ahead: 0 });
  });

  test("one that runs knows with whom, since when, and until when its lease holds", async () => {
    const { store } = await setup();
    const { now } = await run(store, "a");

    const a = await where(store, "a");

    expect(a).toMatchObject({ place: "leases", worker: "worker", startedAt: now });
    expect(Math.abs(Number(a?.claimedAt) - now)).toBeLessThan(100);
    expect(Number(a?.placedAt) - now).toBe(LONG_MS);
  });

  test("those that wait know for what, and until when", async () => {
    const { store } = await setup();
    await suspendUntil(store, "event", "go", "stop");
    const claimed = await run(store, "sleep");
    await store.activations.suspend({ ...write("sleep", claimed), wakeInMs: LONG_MS, awaits: [] });
    await create(store, "delayed", { delayMs: LONG_MS });

    expect(await where(store, "event")).toMatchObject({
      status: "waiting",
      place: "none",
      awaits: ["go", "stop"],
    });
    const sleep = await where(store, "sleep");
    expect(sleep).toMatchObject({ place: "timers", awaits: [] });
    expect(Number(sleep?.placedAt)).toBeGreaterThan(Number(sleep?.now));
    const delayed = await where(store, "delayed");
    expect(delayed).toMatchObject({ status: "queued", place: "timers" });
    expect(delayed?.delayedUntil).toBe(delayed?.placedAt);
  });

  test("one that is paused or has ended is in no line", async () => {
    const { store } = await setup();
    await create(store, "paused");
    await store.commands.pause("paused");
    await store.activations.finish({
      ...write("ended", await run(store, "ended")),
      result: COMPLETE,
    });

    const paused = await where(store, "paused");
    const ended = await where(store, "ended");

    expect(paused).toMatchObject({ status: "paused", place: "none", pausedAt: expect.any(Number) });
    expect(ended).toMatchObject({ status: "complete", place: "none" });
    expect(ended?.endedAt).toBeGreaterThanOrEqual(Number(ended?.startedAt));
    await store.commands.resume("paused");
    expect(await where(store, "paused")).not.toHaveProperty("pausedAt");
  });

  test("one that is held knows by which one", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "queue", 3);
    await fire(...times);

    expect(await where(store, String(ids[2]))).toMatchObject({
      place: "held",
      ahead: 1,
      heldBy: ids[0],
    });
  });
}

export function queueTests(setup: SetUp): void {
  test("an empty line says so", async () => {
    const { store } = await setup();

    expect(await store.insights.queue()).toEqual({
      now: expect.any(Number),
      limit: 0,
      active: 0,
      pending: 0,
      backlog: 0,
      delayed: 0,
      held: 0,
    });
  });

  test("each line is counted, and who waits longest is known", async () => {
    const { store, passTime } = await setup();
    await store.configure({ concurrencyLimit: 2 });
    await run(store, "running");
    const claimed = await run(store, "undoing");
    await passTime(TICK_MS);
    for (const id of ["a", "b", "c"]) await create(store, id);
    await create(store, "later", { delayMs: LONG_MS });
    await store.activations.startRollback(write("undoing", claimed));
    await store.activations.release({ ...write("undoing", claimed), commit: 2, after: 1 });

    const queue = await store.insights.queue();

    expect(queue).toMatchObject({
      limit: 2,
      active: 1,
      pending: 1,
      backlog: 3,
      delayed: 1,
      held: 0,
    });
    const first = await store.insights.whereabouts("a");
    expect(queue.oldestSince).toBe(first?.queuedSince);
    await claim(store, "undoing");
    expect(await store.insights.queue()).toMatchObject({ active: 2, pending: 0, backlog: 3 });
  });

  test("instances that wait for their schedule are counted", async () => {
    const { store, fire, times } = await setUpDue(setup, "queue", 3);
    await fire(...times);

    expect(await store.insights.queue()).toMatchObject({ pending: 1, held: 2, delayed: 0 });
  });
}

import { expect, test } from "vitest";
import type { InstanceStatus } from "../../../src/model/status.ts";
import { STATUSES } from "../../../src/model/status.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import {
  COMPLETE,
  ERRORED,
  LONG_MS,
  TICK_MS,
  claim,
  create,
  historyOf,
  requested,
  run,
  statusOf,
  suspendUntil,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const DONE = { type: "done", requests: [] };

/** How an instance gets into each status. */
export const INTO: Readonly<
  Record<InstanceStatus, (store: Store, id: string) => Promise<unknown>>
> = {
  queued: create,
  running: run,
  waiting: async (store, id) => await suspendUntil(store, id, "go"),
  waitingForPause: async (store, id) => {
    await run(store, id);
    await store.commands.pause(id);
  },
  paused: async (store, id) => {
    await create(store, id);
    await store.commands.pause(id);
  },
  rollingBack: async (store, id) =>
    await store.activations.startRollback(write(id, await run(store, id))),
  complete: async (store, id) =>
    await store.activations.finish({ ...write(id, await run(store, id)), result: COMPLETE }),
  errored: async (store, id) =>
    await store.activations.finish({ ...write(id, await run(store, id)), result: ERRORED }),
  terminated: async (store, id) => {
    await create(store, id);
    await store.commands.terminate(id);
  },
};

export function pauseTests(setup: SetUp): void {
  test.each(["queued", "waiting"] as const)("a %s instance is paused at once", async (status) => {
    const { store } = await setup();
    await INTO[status](store, "a");

    expect(await store.commands.pause("a")).toEqual(DONE);

    expect(await statusOf(store, "a")).toBe("paused");
    expect(await historyOf(store, "a")).toEqual(['{"type":"workflow_paused"}']);
    expect(await store.sweeps.redispatch({ olderThanMs: 0, limit: 10 })).toEqual([]);
    expect(await store.sweeps.wakeDue(10)).toEqual({ requests: [], now: expect.any(Number) });
  });

  test("a running instance waits for its pause", async () => {
    const { store } = await setup();
    await run(store, "a");

    expect(await store.commands.pause("a")).toEqual(DONE);

    expect(await statusOf(store, "a")).toBe("waitingForPause");
    expect(await store.instances.history("a")).toEqual([]);
  });

  test.each([
    "waitingForPause",
    "paused",
    "rollingBack",
    "complete",
    "errored",
    "terminated",
  ] as const)("a pause changes nothing of a %s instance", async (status) => {
    const { store } = await setup();
    await INTO[status](store, "a");
    const before = [await store.instances.get("a"), await store.instances.history("a")];

    expect(await store.commands.pause("a")).toEqual(DONE);

    expect([await store.instances.get("a"), await store.instances.history("a")]).toEqual(before);
  });

  test("a paused instance is queued by a resume, and its history says how long it paused", async () => {
    const { store, passTime } = await setup();
    await suspendUntil(store, "a", "go");
    await store.commands.pause("a");
    await passTime(TICK_MS);

    const outcome = await store.commands.resume("a");

    expect(outcome).toMatchObject({ type: "done", requests: [{ instanceId: "a", rank: 0 }] });
    expect(await statusOf(store, "a")).toBe("queued");
    const [paused, resumed] = await store.instances.history("a");
    const pausedMs = Number(resumed?.at) - Number(paused?.at);
    expect(pausedMs).toBeGreaterThanOrEqual(TICK_MS);
    expect(resumed?.text).toBe(`{"type":"workflow_resumed","pausedMs":${pausedMs}}`);
  });

  test("a pause that is not settled yet is taken back by a resume", async () => {
    const { store } = await setup();
    await INTO.waitingForPause(store, "a");

    expect(await store.commands.resume("a")).toEqual(DONE);

    expect(await statusOf(store, "a")).toBe("running");
    expect(await store.instances.history("a")).toEqual([]);
  });

  test.each([
    "queued",
    "running",
    "waiting",
    "rollingBack",
    "complete",
    "errored",
    "terminated",
  ] as const)("a resume changes nothing of a %s instance", async (status) => {
    const { store } = await setup();
    await INTO[status](store, "a");
    const before = [await store.instances.get("a"), await store.instances.history("a")];

    expect(await store.commands.resume("a")).toEqual(DONE);

    expect([await store.instances.get("a"), await store.instances.history("a")]).toEqual(before);
  });

  test("a delayed start is put off by as long as the pause took", async () => {
    const { store, passTime } = await setup();
    await create(store, "a", { delayMs: LONG_MS });
    const startAt = Number((await store.sweeps.wakeDue(10)).nextAt);
    await store.commands.pause("a");
    expect(await store.sweeps.wakeDue(10)).not.toHaveProperty("nextAt");
    await passTime(TICK_MS);

    expect(await store.commands.resume("a")).toEqual(DONE);

    const [paused, resumed] = await store.instances.history("a");
    const pausedMs = Number(resumed?.at) - Number(paused?.at);
    expect(await statusOf(store, "a")).toBe("queued");
    expect((await store.sweeps.wakeDue(10)).nextAt).toBe(startAt + pausedMs);
  });

  test("a start whose delay was over before the pause is not put off", async () => {
    const { store, passTime } = await setup();
    await create(store, "a", { delayMs: 1 });
    await passTime(TICK_MS);
    await store.sweeps.wakeDue(10);
    await store.commands.pause("a");

    expect(requested(await store.commands.resume("a"))).toEqual(["a"]);
  });
}

export function terminationTests(setup: SetUp): void {
  const unfinished = ["queued", "running", "waiting", "waitingForPause", "paused"] as const;

  test.each(unfinished)("a %s instance is terminated at once", async (status) => {
    const { store } = await setup();
    await INTO[status](store, "a");

    expect(await store.commands.terminate("a")).toEqual(DONE);

    expect(await store.instances.get("a")).toMatchObject({
      status: "terminated",
      endedAt: expect.any(Number),
    });
    expect((await historyOf(store, "a")).at(-1)).toBe('{"type":"workflow_terminated"}');
  });

  test.each(["complete", "errored", "terminated"] as const)(
    "a %s instance cannot be terminated",
    async (status) => {
      const { store } = await setup();
      await INTO[status](store, "a");
      const before = [await store.instances.get("a"), await store.instances.history("a")];

      expect(await store.commands.terminate("a")).toEqual({ type: "refused", status });

      expect([await store.instances.get("a"), await store.instances.history("a")]).toEqual(before);
    },
  );

  test("the activation of a terminated instance has no more say", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const attempt = write("a", claimed, { entries: ["{}"] });
    await store.activations.commit(attempt);
    await store.commands.terminate("a");

    const stale = { type: "stale" };
    expect(await store.activations.commit(attempt)).toEqual(stale);
    expect(await store.activations.commit({ ...attempt, commit: 2 })).toEqual(stale);
    expect(await store.activations.finish({ ...attempt, commit: 2, result: COMPLETE })).toEqual(
      stale,
    );
    expect(await statusOf(store, "a")).toBe("terminated");
  });
}

export function restartTests(setup: SetUp): void {
  test.each(STATUSES)("a %s instance starts over, as if it were new", async (status) => {
    const { store } = await setup();
    await INTO[status](store, "a");
    const before = await store.instances.get("a");

    const outcome = await store.commands.restart("a");

    expect(outcome).toMatchObject({ type: "done", requests: [{ instanceId: "a", rank: 5 }] });
    expect(await store.instances.get("a")).toEqual({
      id: "a",
      status: "queued",
      params: before?.params,
      priority: before?.priority,
      createdAt: before?.createdAt,
      lastNumber: expect.any(Number),
      trigger: "binding",
    });
    expect(await claim(store, "a")).toMatchObject({
      isContinuation: false,
      history: [{ text: expect.stringMatching(/^\{"type":"workflow_restarted","lastId":\d+}$/) }],
      events: [],
    });
  });

  test("a restart forgets the events", async () => {
    const { store } = await setup();
    await create(store, "a");
    for (const type of ["x", "y"]) await store.commands.sendEvent("a", { type });

    await store.commands.restart("a");
    await store.commands.sendEvent("a", { type: "later" });

    const { events, lastEvent } = await claim(store, "a");
    expect(events).toMatchObject([{ type: "later" }]);
    expect(lastEvent).toBe(events[0]?.seq);
  });

  test("the activation of a restarted instance has no more say, and holds nothing", async () => {
    const { store } = await setup();
    const old = await run(store, "a");
    await store.activations.commit(write("a", old, { entries: ['{"n":1}'] }));
    await store.commands.restart("a");

    const stale = { type: "stale" };
    expect(await store.activations.commit(write("a", old, { entries: ['{"n":1}'] }))).toEqual(
      stale,
    );
    expect(await store.activations.release(write("a", old, { commit: 2 }))).toEqual(stale);
    const held = { fence: old.fence, entries: 0 };
    expect(await claim(store, "a", { held })).toMatchObject({ isContinuation: false });
  });

  test("a restart does not wait for the delay of the creation", async () => {
    const { store } = await setup();
    await create(store, "a", { delayMs: LONG_MS });

    expect(requested(await store.commands.restart("a"))).toEqual(["a"]);
    await store.commands.pause("a");
    expect(requested(await store.commands.resume("a"))).toEqual(["a"]);
  });
}

export function deletionTests(setup: SetUp): void {
  test.each(STATUSES)("a %s instance is deleted without a trace", async (status) => {
    const { store } = await setup();
    await INTO[status](store, "a");

    expect(await store.commands.delete("a")).toEqual(DONE);

    expect(await store.instances.get("a")).toBeUndefined();
    expect(await store.instances.history("a")).toEqual([]);
    expect(Object.values(await store.instances.counts()).every((count) => count === 0)).toBe(true);
    expect(await store.sweeps.redispatch({ olderThanMs: 0, limit: 10 })).toEqual([]);
  });

  test("commands to an instance that is not there say so", async () => {
    const { store } = await setup();
    const missing = { type: "missing" };

    expect(await store.commands.pause("a")).toEqual(missing);
    expect(await store.commands.resume("a")).toEqual(missing);
    expect(await store.commands.terminate("a")).toEqual(missing);
    expect(await store.commands.restart("a")).toEqual(missing);
    expect(await store.commands.delete("a")).toEqual(missing);
    expect(await store.instances.get("a")).toBeUndefined();
  });
}

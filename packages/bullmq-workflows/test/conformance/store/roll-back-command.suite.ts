/** Asking from outside that an instance is terminated after its steps were rolled back. */
import { expect, test } from "vitest";
import type { Store } from "../../../src/engine/ports/store.ts";
import {
  COMPLETE,
  LONG_MS,
  TICK_MS,
  claim,
  claimRequest,
  create,
  historyOf,
  requested,
  run,
  statusOf,
  suspendUntil,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { known } from "./knowledge.ts";
import { FIRST, SECOND } from "./lost-entries.ts";

const REQUESTED = '{"type":"rollback_requested"}';
const STARTED = '{"type":"rollback_started","totalSteps":1,"error":{}}';

/** How an instance that has run gets into each status. */
const AFTER_RUNNING: Readonly<Record<string, (store: Store, id: string) => Promise<unknown>>> = {
  queued: async (store, id) => await store.activations.release(write(id, await run(store, id))),
  running: run,
  waiting: async (store, id) => await suspendUntil(store, id, "go"),
  waitingForPause: async (store, id) => {
    await run(store, id);
    await store.commands.pause(id);
  },
  paused: async (store, id) => {
    await suspendUntil(store, id, "go");
    await store.commands.pause(id);
  },
};

export function rollBackTests(setup: SetUp): void {
  commandTests(setup);
  lossTests(setup);
}

function commandTests(setup: SetUp): void {
  test.each(Object.keys(AFTER_RUNNING))(
    "a %s instance that has run is runnable to roll back, and nobody else has a say",
    async (status) => {
      const { store } = await setup();
      await AFTER_RUNNING[status]?.(store, "a");
      expect(await statusOf(store, "a")).toBe(status);

      const outcome = await store.commands.rollBack("a");

      expect(outcome).toMatchObject({ type: "done", requests: [{ instanceId: "a", rank: 0 }] });
      expect(await statusOf(store, "a")).toBe("rollingBack");
      expect((await historyOf(store, "a")).at(-1)).toBe(REQUESTED);
      const claimed = await claim(store, "a");
      expect(claimed).toMatchObject({ isContinuation: false, isAfterCrash: false });
      expect(await store.activations.commit(write("a", claimed))).toMatchObject({
        type: "committed",
      });
    },
  );

  test("whoever ran it is told, and its writes are stale", async () => {
    const { store } = await setup();
    const told: unknown[] = [];
    await store.notices.onControl("worker", (message) => void told.push(message));
    const claimed = await run(store, "a");

    await store.commands.rollBack("a");

    const { fence } = claimed;
    await expect.poll(() => told).toEqual([{ instanceId: "a", type: "revoked", fence }]);
    const late = write("a", claimed, { entries: ["{}"] });
    expect(await store.activations.commit(late)).toEqual({ type: "stale" });
    expect(await store.activations.finish({ ...late, result: COMPLETE })).toEqual({
      type: "stale",
    });
    const held = { fence, entries: 0 };
    expect(await claim(store, "a", { held })).toMatchObject({ isContinuation: false });
  });

  test("a running instance keeps its slot, one that waits queues for one", async () => {
    const { store } = await setup();
    await store.configure({ concurrencyLimit: 1 });
    await suspendUntil(store, "waiting", "go");
    await run(store, "running");

    expect(requested(await store.commands.rollBack("waiting"))).toEqual([]);
    expect(requested(await store.commands.rollBack("running"))).toEqual(["running"]);

    const refused = { type: "refused", reason: "limited" };
    expect(await store.activations.claim(claimRequest("waiting"))).toEqual(refused);
  });

  test.each([0, LONG_MS])(
    "an instance with a delay of %i ms that never ran is terminated at once",
    async (delayMs) => {
      const { store } = await setup();
      await create(store, "a", { delayMs });

      expect(await store.commands.rollBack("a")).toEqual({ type: "done", requests: [] });

      expect(await statusOf(store, "a")).toBe("terminated");
      expect(await historyOf(store, "a")).toEqual(['{"type":"workflow_terminated"}']);
    },
  );

  test.each([
    { prefix: 1, rest: [] },
    { prefix: 0, rest: [1] },
  ])("one restarted with steps that are kept (%o) rolls those back", async ({ prefix, rest }) => {
    const { store } = await setup();
    await store.activations.commit(write("a", await run(store, "a"), { entries: [FIRST, SECOND] }));
    const history = await store.instances.history("a");
    const [, last = { at: 0, text: "" }] = history;
    const kept = { prefix, rest: rest.flatMap((index) => history[index] ?? []) };
    const request = { instanceId: "a", length: 2, last, ...kept, droppedStreams: [] };
    await store.commands.restartFrom(request);

    expect(requested(await store.commands.rollBack("a"))).toEqual(["a"]);

    expect(await statusOf(store, "a")).toBe("rollingBack");
    expect((await historyOf(store, "a")).at(-1)).toBe(REQUESTED);
    await claim(store, "a");
    expect(await statusOf(store, "a")).toBe("rollingBack");
  });

  test("one restarted without any is terminated at once, also when it was paused since", async () => {
    const { store } = await setup();
    await store.activations.commit(write("a", await run(store, "a"), { entries: [FIRST] }));
    await store.commands.restart("a");
    await store.commands.pause("a");

    expect(await store.commands.rollBack("a")).toEqual({ type: "done", requests: [] });

    expect(await statusOf(store, "a")).toBe("terminated");
  });

  test("an instance that has ended refuses, one that is not there is missing", async () => {
    const { store } = await setup();
    await store.activations.finish({ ...write("a", await run(store, "a")), result: COMPLETE });

    expect(await store.commands.rollBack("a")).toEqual({ type: "refused", status: "complete" });
    expect(await store.commands.rollBack("b")).toEqual({ type: "missing" });
  });
}

function lossTests(setup: SetUp): void {
  test.each([STARTED, REQUESTED])(
    "an instance rolls back again once %s is put back",
    async (text) => {
      const { store, capture } = await setup();
      const claimed = await run(store, "a");
      const first = await store.activations.commit(write("a", claimed, { entries: [FIRST] }));
      const setBack = await capture();
      const next = write("a", claimed, { commit: 2, after: 1, entries: [text] });
      const second = await store.activations.startRollback(next);
      await setBack();
      if (first.type === "stale" || second.type === "stale") throw new Error("stale");
      expect(await statusOf(store, "a")).toBe("running");

      const outcome = await store.activations.reassert({
        instanceId: "a",
        createdAt: claimed.createdAt,
        fence: claimed.fence,
        ageMs: 0,
        lastEvent: 0,
        lastEventAt: 0,
        entries: 2,
        held: [
          { at: first.at, text: FIRST },
          { at: second.at, text },
        ],
      });

      expect(outcome).toMatchObject({ type: "reasserted", requests: [{ instanceId: "a" }] });
      expect(await statusOf(store, "a")).toBe("rollingBack");
      await claim(store, "a");
      expect(await statusOf(store, "a")).toBe("rollingBack");
    },
  );

  test("flagged while it rolls back, it is paused, and rolls back when it is resumed", async () => {
    const { store, capture } = await setup();
    const claimed = await run(store, "a");
    await store.activations.startRollback(write("a", claimed, { entries: [STARTED] }));
    const setBack = await capture();
    const next = { commit: 2, after: 1, entries: [FIRST, SECOND] };
    const lost = await store.activations.commit(write("a", claimed, next));
    await setBack();
    if (lost.type === "stale") throw new Error("stale");

    const outcome = await store.activations.reassert({
      instanceId: "a",
      createdAt: claimed.createdAt,
      fence: claimed.fence,
      ageMs: 0,
      lastEvent: 0,
      lastEventAt: 0,
      entries: 3,
      held: [{ at: lost.at, text: SECOND }],
    });

    expect(outcome).toMatchObject({ type: "flagged", status: "paused" });
    expect(requested(await store.commands.resume("a"))).toEqual(["a"]);
    expect(await statusOf(store, "a")).toBe("rollingBack");
  });

  test("flagged while it rolls back, asking for it again resumes it, and shifts its timers", async () => {
    const { store, passTime } = await setup();
    const leaseMs = 250;
    const claimed = await run(store, "a");
    await store.activations.startRollback(write("a", claimed, { entries: [STARTED] }));
    await store.activations.release(write("a", claimed, { commit: 2, after: 1 }));
    await claim(store, "a", { leaseMs });
    await store.activations.reassert(known(claimed, [{ at: 1, text: FIRST }]));
    expect(await statusOf(store, "a")).toBe("paused");
    await passTime(leaseMs + TICK_MS);

    expect(await store.commands.rollBack("a")).toEqual({ type: "done", requests: [] });

    expect(await statusOf(store, "a")).toBe("rollingBack");
    const [resumed = "", before = ""] = (await historyOf(store, "a")).toReversed();
    const { type, pausedMs } = JSON.parse(resumed) as { type: string; pausedMs: number };
    expect(type).toBe("workflow_resumed");
    expect(pausedMs).toBeGreaterThanOrEqual(leaseMs);
    expect(before).toContain("workflow_paused");
    expect(requested(await store.commands.rollBack("a"))).toEqual([]);
    await passTime(leaseMs + TICK_MS);
    expect(requested(await store.sweeps.wakeDue(1))).toEqual(["a"]);
    await claim(store, "a");
  });
}

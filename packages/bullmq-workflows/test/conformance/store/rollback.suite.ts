/** What a store does with an instance that rolls back. */
import { expect, test } from "vitest";
import type { Claim } from "../../../src/engine/ports/activations.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
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
  requested,
  run,
  statusOf,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const STARTED = '{"type":"rollback_started","totalSteps":1,"error":{}}';
const COMPLETED = '{"type":"rollback_completed","totalSteps":1,"completedSteps":1}';
const FAILED =
  '{"type":"rollback_errored","totalSteps":1,"completedSteps":0,"error":{"name":"No"}}';
const STALE = { type: "stale" };
const DONE = { type: "done", requests: [] };

/** Claims an instance that begins to roll back under this claim. */
async function rolling(
  store: Store,
  id: string,
  rest: Parameters<typeof run>[2] = {},
): Promise<Claim> {
  const claimed = await run(store, id, rest);
  await store.activations.startRollback(write(id, claimed, { entries: [STARTED] }));
  return claimed;
}

/** Suspends it for this long. */
async function suspendFor(
  store: Store,
  claimed: Claim,
  wakeInMs: number,
  id = "a",
): Promise<unknown> {
  const numbers = { commit: 2, after: 1 };
  return await store.activations.suspend({ ...write(id, claimed, numbers), awaits: [], wakeInMs });
}

export function rollbackTests(setup: SetUp): void {
  startTests(setup);
  waitingTests(setup);
  endTests(setup);
}

function startTests(setup: SetUp): void {
  test("a running instance begins to roll back, and stays with its worker", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    const outcome = await store.activations.startRollback(
      write("a", claimed, { entries: [STARTED] }),
    );

    expect(outcome).toMatchObject({ type: "committed", news: { isPauseRequested: false } });
    expect(await statusOf(store, "a")).toBe("rollingBack");
    expect(await historyOf(store, "a")).toEqual([STARTED]);
    const refused = { type: "refused", reason: "leased" };
    expect(await store.activations.claim(claimRequest("a"))).toEqual(refused);
    const next = await store.activations.commit(
      write("a", claimed, { commit: 2, after: 1, entries: ["{}"] }),
    );
    expect(next).toMatchObject({ type: "committed" });
    const renewal = { instanceId: "a", fence: claimed.fence, leaseMs: LONG_MS, seenEvent: 0 };
    expect(await store.activations.renew(renewal)).toMatchObject({ type: "renewed" });
  });

  test("a repeated start of a rollback answers as the first and writes nothing", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const start = write("a", claimed, { entries: [STARTED] });
    const first = await store.activations.startRollback(start);

    expect(await store.activations.startRollback(start)).toEqual(first);

    expect(await historyOf(store, "a")).toEqual([STARTED]);
  });

  test("a stale start of a rollback changes nothing", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a", { leaseMs: LONG_MS });
    await store.activations.release(write("a", claimed));

    const late = write("a", claimed, { commit: 2, entries: [STARTED] });
    expect(await store.activations.startRollback(late)).toEqual(STALE);
    expect(await statusOf(store, "a")).toBe("queued");
    expect(await historyOf(store, "a")).toEqual([]);
  });

  test("a pause that is not settled is not to be any more", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.commands.pause("a");

    const outcome = await store.activations.startRollback(
      write("a", claimed, { entries: [STARTED] }),
    );

    expect(outcome).toMatchObject({ type: "committed", news: { isPauseRequested: false } });
    expect(await statusOf(store, "a")).toBe("rollingBack");
  });

  test.each(["pause", "resume", "terminate", "rollBack"] as const)(
    "%s changes nothing of an instance that rolls back",
    async (command) => {
      const { store } = await setup();
      const claimed = await rolling(store, "a");
      const before = [await store.instances.get("a"), await store.instances.history("a")];

      expect(await store.commands[command]("a")).toEqual(DONE);

      expect([await store.instances.get("a"), await store.instances.history("a")]).toEqual(before);
      const next = await store.activations.commit(write("a", claimed, { commit: 2, after: 1 }));
      expect(next).toMatchObject({ type: "committed" });
    },
  );

  test("it is counted and listed as what it is", async () => {
    const { store } = await setup();
    await rolling(store, "a");

    expect(await store.instances.counts()).toMatchObject({ running: 0, rollingBack: 1 });
    const { instances } = await store.instances.list({ statuses: ["rollingBack"], limit: 10 });
    expect(instances.map(({ id }) => id)).toEqual(["a"]);
  });
}

function waitingTests(setup: SetUp): void {
  test("suspended it frees its slot, and is woken as it is", async () => {
    const { store, passTime } = await setup();
    await store.configure({ concurrencyLimit: 1 });
    const claimed = await rolling(store, "a");
    expect(requested({ type: "done", requests: await create(store, "b") })).toEqual([]);

    const suspended = await suspendFor(store, claimed, SHORT_MS);

    expect(suspended).toMatchObject({ type: "suspended", requests: [{ instanceId: "b" }] });
    expect(await statusOf(store, "a")).toBe("rollingBack");
    const early = claimRequest("a", { early: true });
    expect(await store.activations.claim(early)).toEqual({ type: "refused", reason: "waiting" });
    await passTime(TICK_MS);
    expect((await store.sweeps.wakeDue(10)).requests).toEqual([]);
    expect(await store.activations.claim(claimRequest("a"))).toEqual({
      type: "refused",
      reason: "limited",
    });
    const other = await claim(store, "b");
    const finished = await store.activations.finish({ ...write("b", other), result: COMPLETE });
    expect(finished).toMatchObject({ requests: [{ instanceId: "a", rank: 0 }] });
    const held = { fence: claimed.fence, entries: 1 };
    expect(await claim(store, "a", { held })).toMatchObject({ isContinuation: true });
    expect(await statusOf(store, "a")).toBe("rollingBack");
  });

  test("what is late of the claim that was given back is stale", async () => {
    const { store } = await setup();
    const claimed = await rolling(store, "a");
    await suspendFor(store, claimed, LONG_MS);

    const late = write("a", claimed, { commit: 3, after: 1, entries: ["{}"] });
    expect(await store.activations.commit(late)).toEqual(STALE);
    const renewal = { instanceId: "a", fence: claimed.fence, leaseMs: LONG_MS, seenEvent: 0 };
    expect(await store.activations.renew(renewal)).toEqual(STALE);
    expect(await historyOf(store, "a")).toEqual([STARTED]);
  });

  test("an event is kept, and wakes nothing", async () => {
    const { store } = await setup();
    await suspendFor(store, await rolling(store, "a"), LONG_MS);

    expect(await store.commands.sendEvent("a", { type: "go" })).toEqual(DONE);

    expect(await store.activations.claim(claimRequest("a"))).toEqual({
      type: "refused",
      reason: "waiting",
    });
  });

  test("given back it is runnable at once, as it is", async () => {
    const { store } = await setup();
    const claimed = await rolling(store, "a");

    const released = await store.activations.release(write("a", claimed, { commit: 2, after: 1 }));

    expect(released).toMatchObject({ type: "released", requests: [{ instanceId: "a", rank: 0 }] });
    expect(await statusOf(store, "a")).toBe("rollingBack");
    expect(await claim(store, "a")).toMatchObject({ isAfterCrash: false });
    expect(await statusOf(store, "a")).toBe("rollingBack");
  });

  test("an orphan is taken back as it is, and whoever had it is told", async () => {
    const { store, passTime } = await setup();
    const told: unknown[] = [];
    await store.notices.onControl("worker", (message) => void told.push(message));
    const claimed = await rolling(store, "a", { leaseMs: SHORT_MS });
    await passTime(TICK_MS);

    const requests = await store.sweeps.adoptOrphans(10);

    expect(requests).toMatchObject([{ instanceId: "a", rank: 0 }]);
    expect(await statusOf(store, "a")).toBe("rollingBack");
    const { fence } = claimed;
    await expect.poll(() => told).toEqual([{ instanceId: "a", type: "revoked", fence }]);
    expect(await claim(store, "a")).toMatchObject({ isAfterCrash: true });
    const late = write("a", claimed, { commit: 2, after: 1, entries: ["{}"] });
    expect(await store.activations.commit(late)).toEqual(STALE);
  });

  test("a claim takes it over whose lease ran out", async () => {
    const { store, passTime } = await setup();
    await rolling(store, "a", { leaseMs: SHORT_MS });
    await passTime(TICK_MS);

    expect(await claim(store, "a")).toMatchObject({ isAfterCrash: true });
    expect(await statusOf(store, "a")).toBe("rollingBack");
  });
}

function endTests(setup: SetUp): void {
  test("a failed instance ends with its error, and how its rollback ended", async () => {
    const { store } = await setup();
    const claimed = await rolling(store, "a");
    await store.commands.sendEvent("a", { type: "go" });
    const end = { ...write("a", claimed, { commit: 2, after: 1 }), result: ERRORED };

    const outcome = await store.activations.finishRollback({ ...end, ending: COMPLETED });

    expect(outcome).toMatchObject({ type: "finished", requests: [] });
    expect(await store.instances.get("a")).toMatchObject({
      status: "errored",
      error: ERRORED.error,
      endedAt: expect.any(Number),
      rollback: { outcome: "complete" },
    });
    const history = await historyOf(store, "a");
    expect(history).toEqual([STARTED, COMPLETED, '{"type":"workflow_errored"}']);
    expect(await store.activations.claim(claimRequest("a"))).toEqual({
      type: "refused",
      reason: "finished",
    });
  });

  test("what could not be rolled back is told with its error", async () => {
    const { store } = await setup();
    const claimed = await rolling(store, "a");
    const end = write("a", claimed, { commit: 2, after: 1, entries: ["{}"] });

    await store.activations.finishRollback({
      ...end,
      result: { status: "terminated" },
      ending: FAILED,
    });

    const record = await store.instances.get("a");
    expect(record).toMatchObject({
      status: "terminated",
      rollback: { outcome: "failed", error: '{"name":"No"}' },
    });
    expect(record).not.toHaveProperty("error");
    const history = await historyOf(store, "a");
    expect(history).toEqual([STARTED, "{}", FAILED, '{"type":"workflow_terminated"}']);
  });

  test("one that had nothing to roll back ends without a word of it", async () => {
    const { store } = await setup();
    await store.activations.release(write("a", await run(store, "a")));
    await store.commands.rollBack("a");
    const claimed = await claim(store, "a");

    await store.activations.finishRollback({
      ...write("a", claimed),
      result: { status: "terminated" },
    });

    const record = await store.instances.get("a");
    expect(record).toMatchObject({ status: "terminated" });
    expect(record).not.toHaveProperty("rollback");
  });

  test("a repeated end answers as the first, a stale one changes nothing", async () => {
    const { store } = await setup();
    const claimed = await rolling(store, "a");
    const write2 = write("a", claimed, { commit: 2, after: 1 });
    const end = { ...write2, result: ERRORED, ending: COMPLETED };
    const first = await store.activations.finishRollback(end);
    const before = [await store.instances.get("a"), await store.instances.history("a")];

    expect(await store.activations.finishRollback(end)).toEqual(first);
    expect(await store.activations.finishRollback({ ...end, commit: 3 })).toEqual(STALE);
    expect(await store.activations.finishRollback({ ...end, fence: 1 })).toEqual(STALE);

    expect([await store.instances.get("a"), await store.instances.history("a")]).toEqual(before);
  });

  test("its end frees its slot and is announced", async () => {
    const { store } = await setup();
    const ended: string[] = [];
    await store.notices.onFinished(
      ({ instanceId }) => void ended.push(instanceId),
      () => {},
    );
    await store.configure({ concurrencyLimit: 1 });
    const claimed = await rolling(store, "a");
    await create(store, "b");
    const numbers = { commit: 2, after: 1 };

    const end = { ...write("a", claimed, numbers), result: ERRORED, ending: COMPLETED };
    const outcome = await store.activations.finishRollback(end);

    expect(outcome).toMatchObject({ type: "finished", requests: [{ instanceId: "b" }] });
    await expect.poll(() => ended).toEqual(["a"]);
  });
}

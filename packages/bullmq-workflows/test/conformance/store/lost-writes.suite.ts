/** What a store does that has lost confirmed writes, and how it is told. */
import { expect, test } from "vitest";
import { COMPLETE, LONG_MS, SHORT_MS, TICK_MS } from "./bundle.ts";
import { claim, create, historyOf, requested, run, statusOf, texts, write } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { commit, known } from "./knowledge.ts";
import { FIRST, SECOND, THIRD, loseOne } from "./lost-entries.ts";

const KEPT = { type: "kept" };
const STALE = { type: "stale" };

export function lostWriteTests(setup: SetUp): void {
  gapTests(setup);
  restorationTests(setup);
  flagTests(setup);
  forgettingTests(setup);
}

function gapTests(setup: SetUp): void {
  test("a write after one that was confirmed and is not there is stale", async () => {
    const { store, claimed } = await loseOne(setup);
    const late = write("a", claimed, { commit: 3, after: 2, entries: [THIRD] });

    expect(await store.activations.commit(late)).toEqual(STALE);
    expect(await store.activations.suspend({ ...late, awaits: [] })).toEqual(STALE);
    expect(await store.activations.finish({ ...late, result: COMPLETE })).toEqual(STALE);
    expect(await store.activations.settlePause(late)).toEqual(STALE);
    expect(await store.activations.release(late)).toEqual(STALE);

    expect(await historyOf(store, "a")).toEqual([FIRST]);
    expect(await statusOf(store, "a")).toBe("running");
  });

  test("a number that was left out is no gap", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { commit: 2, entries: [FIRST] }));

    await store.activations.commit(write("a", claimed, { commit: 5, after: 2, entries: [SECOND] }));

    expect(await historyOf(store, "a")).toEqual([FIRST, SECOND]);
  });
}

function restorationTests(setup: SetUp): void {
  test("what is all there is kept", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const first = await commit(store, claimed, { number: 1, text: FIRST });

    expect(await store.activations.reassert(known(claimed, []))).toEqual(KEPT);
    expect(await store.activations.reassert(known(claimed, [first]))).toEqual(KEPT);

    const next = write("a", claimed, { commit: 2, after: 1, entries: [SECOND] });
    expect(await store.activations.commit(next)).toMatchObject({ type: "committed" });
  });

  test("what was lost is put back with its instants, and the instance is runnable", async () => {
    const { store, claimed, first, second } = await loseOne(setup);

    const outcome = await store.activations.reassert(known(claimed, [first, second]));

    expect(outcome).toMatchObject({ type: "reasserted", restored: 1 });
    expect(requested(outcome)).toEqual(["a"]);
    expect(await store.instances.history("a")).toEqual(
      [first, second].map(({ at, text }) => ({ at, text })),
    );
    expect(await statusOf(store, "a")).toBe("queued");
    const claimedNext = await claim(store, "a");
    expect(texts(claimedNext.history)).toEqual([FIRST, SECOND]);
    // Who gets it waits for what the outcomes on record ask for.
    expect(claimedNext.isAfterCrash).toBe(true);
  });

  test("every claim from before is stale then", async () => {
    const { store, claimed, first, second } = await loseOne(setup);

    await store.activations.reassert(known(claimed, [first, second]));

    expect(
      await store.activations.commit(write("a", claimed, { commit: 3, entries: ["{}"] })),
    ).toEqual(STALE);
    const renewal = { instanceId: "a", fence: claimed.fence, leaseMs: LONG_MS, seenEvent: 0 };
    expect(await store.activations.renew(renewal)).toEqual(STALE);
  });

  test("saying it twice changes nothing more, nor does somebody who knows less", async () => {
    const { store, claimed, first, second } = await loseOne(setup);
    await store.activations.reassert(known(claimed, [first, second]));
    const next = await claim(store, "a");

    expect(await store.activations.reassert(known(claimed, [first, second]))).toEqual(KEPT);
    expect(await store.activations.reassert(known(claimed, [first]))).toEqual(KEPT);

    expect(await store.activations.commit(write("a", next))).toMatchObject({ type: "committed" });
    expect(await historyOf(store, "a")).toEqual([FIRST, SECOND]);
  });

  test("the end of a history is enough when its first entry is still there", async () => {
    const { store, claimed, first, second } = await loseOne(setup);
    const third = { at: second.at, text: THIRD };

    await store.activations.reassert(known(claimed, [first, second]));

    const more = known(claimed, [first, second, third], { held: 2 });
    expect(await store.activations.reassert(more)).toMatchObject({
      type: "reasserted",
      restored: 1,
    });
    expect(await historyOf(store, "a")).toEqual([FIRST, SECOND, THIRD]);
  });

  test("an instance that was set back to before its first claim is restored as one that ran", async () => {
    const { store, capture, passTime } = await setup();
    await create(store, "a", { priority: 7 });
    const setBack = await capture();
    await passTime(TICK_MS);
    const claimed = await claim(store, "a");
    const first = await commit(store, claimed, { number: 1, text: FIRST });
    await passTime(TICK_MS);
    await setBack();

    const outcome = await store.activations.reassert(known(claimed, [first]));

    expect(outcome).toMatchObject({ type: "reasserted", requests: [{ rank: 0 }] });
    expect((await claim(store, "a")).fence).toBeGreaterThan(claimed.fence);
  });

  test("a restart that is put back keeps the ids of events that it took", async () => {
    const { store, capture, passTime } = await setup();
    await run(store, "a");
    const setBack = await capture();
    await passTime(TICK_MS);
    await store.commands.restart("a");
    await store.commands.restart("a");
    const claimed = await claim(store, "a");
    const entries = await store.instances.history("a");
    await passTime(TICK_MS);
    await setBack();

    await store.activations.reassert(known(claimed, entries));
    await store.commands.restart("a");

    const ids = [...entries, ...(await store.instances.history("a"))].map(
      ({ text }) => (JSON.parse(text) as { lastId: number }).lastId,
    );
    expect(ids).toHaveLength(2);
    expect(ids[1]).toBeGreaterThan(ids[0] ?? Infinity);
  });

  test("a waiting, a pausing and a paused instance go on as they were to", async () => {
    for (const status of ["waiting", "waitingForPause", "paused"] as const) {
      const { store, capture, passTime } = await setup();
      const claimed = await run(store, "a");
      const first = await commit(store, claimed, { number: 1, text: FIRST });
      const suspension = write("a", claimed, { commit: 2, after: 1 });
      if (status === "waiting")
        await store.activations.suspend({ ...suspension, wakeInMs: 0, awaits: ["go"] });
      else await store.commands.pause("a");
      if (status === "paused") await store.activations.settlePause(suspension);
      const setBack = await capture();
      await passTime(TICK_MS);
      await store.commands.resume("a");
      await store.sweeps.wakeDue(1);
      const next = status === "waitingForPause" ? undefined : await claim(store, "a");
      const paused = status === "paused" ? await store.instances.history("a") : [first];
      const number = next === undefined ? 2 : 1;
      const last = await commit(store, next ?? claimed, { number, text: SECOND });
      await passTime(TICK_MS);
      await setBack();

      const outcome = await store.activations.reassert(known(next ?? claimed, [...paused, last]));

      expect(outcome.type).toBe("reasserted");
      expect(await statusOf(store, "a")).toBe(status === "waitingForPause" ? "paused" : "queued");
    }
  });

  test("a lost end is reached again over what was restored", async () => {
    const { store, capture, passTime } = await setup();
    const claimed = await run(store, "a");
    const setBack = await capture();
    await passTime(TICK_MS);
    const end = { ...write("a", claimed, { entries: [FIRST] }), result: COMPLETE };
    const outcome = await store.activations.finish(end);
    if (outcome.type !== "finished") throw new Error("It was stale");
    const first = { at: outcome.at, text: FIRST };
    expect(await store.activations.reassert(known(claimed, [first]))).toEqual(KEPT);
    await passTime(TICK_MS);
    await setBack();

    expect(await store.activations.reassert(known(claimed, [first]))).toMatchObject({
      type: "reasserted",
    });

    const next = await claim(store, "a");
    await store.activations.finish({ ...write("a", next), result: COMPLETE });
    expect(await historyOf(store, "a")).toEqual([FIRST, '{"type":"workflow_completed"}']);
  });

  test("a slot is kept while an instance is restored, and none is made up", async () => {
    const { store, claimed, first, second } = await loseOne(setup);
    await store.configure({ concurrencyLimit: 1 });
    await create(store, "b");

    const outcome = await store.activations.reassert(known(claimed, [first, second]));

    expect(requested(outcome)).toEqual(["a"]);
  });
}

function flagTests(setup: SetUp): void {
  test("an instance of which too much was lost is paused, and its history says so", async () => {
    const { store, claimed, first, second } = await loseOne(setup);

    const outcome = await store.activations.reassert(known(claimed, [first, second], { held: 0 }));

    expect(outcome).toEqual({ type: "flagged", lost: 1, status: "paused", requests: [] });
    expect(await statusOf(store, "a")).toBe("paused");
    expect(await historyOf(store, "a")).toEqual([
      FIRST,
      '{"type":"history_lost","known":2,"lost":1}',
      '{"type":"workflow_paused"}',
    ]);
    expect(
      await store.activations.commit(write("a", claimed, { commit: 2, entries: ["{}"] })),
    ).toEqual(STALE);
  });

  test("the end of a history is not enough when nothing shows what it is the end of", async () => {
    const { store, claimed, first, second } = await loseOne(setup);

    const outcome = await store.activations.reassert(known(claimed, [first, second], { held: 1 }));

    expect(outcome).toMatchObject({ type: "flagged", lost: 1 });
  });

  test("an instance that somebody went on with is paused, however long its history is", async () => {
    for (const more of [[], [THIRD]]) {
      const { store, passTime, claimed, first, second } = await loseOne(setup);
      await store.activations.release(write("a", claimed, { commit: 2, after: 1 }));
      const next = await claim(store, "a");
      await passTime(TICK_MS);
      await store.activations.commit(write("a", next, { entries: [SECOND, ...more] }));

      const outcome = await store.activations.reassert(known(claimed, [first, second]));

      expect(outcome).toMatchObject({ type: "flagged", lost: 1, status: "paused" });
      expect(await store.activations.commit(write("a", next, { commit: 2 }))).toEqual(STALE);
    }
  });

  test("one that has ended meanwhile stays as it is, and is reported", async () => {
    const { store, claimed, first, second } = await loseOne(setup);
    await store.activations.finish({
      ...write("a", claimed, { commit: 2, after: 1 }),
      result: COMPLETE,
    });
    const before = await historyOf(store, "a");

    const outcome = await store.activations.reassert(known(claimed, [first, second]));

    expect(outcome).toEqual({ type: "flagged", lost: 1, status: "complete", requests: [] });
    expect(await historyOf(store, "a")).toEqual(before);
  });

  test("who resumes a flagged instance accepts it: what was known before counts no more", async () => {
    const { store, claimed, first, second } = await loseOne(setup);
    const lesson = known(claimed, [first, second], { held: 0 });
    await store.activations.reassert(lesson);

    expect(requested(await store.commands.resume("a"))).toEqual(["a"]);

    const next = await claim(store, "a");
    expect(texts(next.history)[1]).toContain("history_lost");
    expect(await store.activations.reassert({ ...lesson, fence: lesson.fence - 1 })).toEqual(KEPT);
    expect(await store.activations.commit(write("a", next))).toMatchObject({ type: "committed" });
  });

  test("a repeated question is answered as the first time, and nothing is flagged twice", async () => {
    const { store, claimed, first, second } = await loseOne(setup);
    const lesson = known(claimed, [first, second], { held: 0 });

    const outcome = await store.activations.reassert(lesson);

    expect(await store.activations.reassert(lesson)).toEqual(outcome);
    expect(await historyOf(store, "a")).toHaveLength(3);
  });

  test("the slot of a flagged instance goes to the next one", async () => {
    const { store, claimed, first, second } = await loseOne(setup);
    await store.configure({ concurrencyLimit: 1 });
    await create(store, "b");

    const outcome = await store.activations.reassert(known(claimed, [first, second], { held: 0 }));

    expect(requested(outcome)).toEqual(["b"]);
  });
}

function forgettingTests(setup: SetUp): void {
  test("an instance that is gone without having been deleted is missing", async () => {
    const { store, capture, passTime } = await setup();
    const setBack = await capture();
    await passTime(TICK_MS);
    const claimed = await run(store, "a");
    const lesson = known(claimed, []);
    await passTime(TICK_MS);
    await setBack();

    expect(await store.activations.reassert(lesson)).toEqual({ type: "missing" });
    // The numbers that were drawn are gone too, so this does not depend on how long ago it was seen.
    expect(await store.activations.reassert({ ...lesson, ageMs: LONG_MS })).toEqual({
      type: "missing",
    });

    await create(store, "b");
    expect(await store.activations.reassert({ ...lesson, ageMs: LONG_MS })).toEqual(KEPT);
    expect(await store.activations.reassert({ ...lesson, fence: 0, ageMs: 0 })).toEqual({
      type: "missing",
    });
  });

  test("another instance of the same id is not the one that is missing", async () => {
    const { store, capture, passTime } = await setup();
    const setBack = await capture();
    await passTime(TICK_MS);
    const claimed = await run(store, "a");
    const first = await commit(store, claimed, { number: 1, text: FIRST });
    await passTime(TICK_MS);
    await setBack();
    await create(store, "a");

    expect(await store.activations.reassert(known(claimed, [first]))).toEqual({ type: "missing" });
    expect(await statusOf(store, "a")).toBe("queued");
  });

  test("what was restarted has lost nothing", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const first = await commit(store, claimed, { number: 1, text: FIRST });
    await store.commands.restart("a");

    expect(await store.activations.reassert(known(claimed, [first]))).toEqual(KEPT);
    const next = await claim(store, "a");
    expect(await store.activations.reassert(known(claimed, [first]))).toEqual(KEPT);

    expect(await store.activations.commit(write("a", next))).toMatchObject({ type: "committed" });
    expect(await historyOf(store, "a")).toEqual([expect.stringContaining("workflow_restarted")]);
  });

  test("what was deleted is not missing, whether or not its id is used again", async () => {
    const { store, passTime } = await setup();
    const claimed = await run(store, "a");
    const first = await commit(store, claimed, { number: 1, text: FIRST });
    await passTime(TICK_MS);
    await store.commands.delete("a");

    expect(await store.activations.reassert(known(claimed, [first]))).toEqual(KEPT);
    await passTime(TICK_MS);
    await run(store, "a");

    expect(await store.activations.reassert(known(claimed, [first]))).toEqual(KEPT);
    expect(await historyOf(store, "a")).toEqual([]);
  });

  test("what was kept long enough is not missing", async () => {
    const { store, passTime } = await setup();
    await create(store, "a", { retention: { successMs: SHORT_MS, errorMs: SHORT_MS } });
    const claimed = await claim(store, "a");
    await store.activations.finish({ ...write("a", claimed), result: COMPLETE });
    await passTime(TICK_MS);
    await store.sweeps.expire(1);

    expect(await store.activations.reassert(known(claimed, []))).toEqual(KEPT);
  });

  test("what was terminated, or paused and resumed, has lost nothing", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const first = await commit(store, claimed, { number: 1, text: FIRST });
    await store.commands.pause("a");
    await store.activations.settlePause(write("a", claimed, { commit: 2, after: 1 }));
    expect(await store.activations.reassert(known(claimed, [first]))).toEqual(KEPT);
    await store.commands.resume("a");
    expect(await store.activations.reassert(known(claimed, [first]))).toEqual(KEPT);

    await store.commands.terminate("a");

    expect(await store.activations.reassert(known(claimed, [first]))).toEqual(KEPT);
    expect(await statusOf(store, "a")).toBe("terminated");
  });
}

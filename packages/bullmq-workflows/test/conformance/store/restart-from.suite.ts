import { expect, test } from "vitest";
import type { RestartRequest } from "../../../src/engine/ports/commands.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import { IDS_PER_ENTRY } from "../../../src/model/instance-events.ts";
import { STATUSES } from "../../../src/model/status.ts";
import { INTO } from "./commands.suite.ts";
import {
  COMPLETE,
  TICK_MS,
  claim,
  create,
  historyOf,
  requested,
  run,
  statusOf,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const ENTRIES = ['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}'];
const STALE = { type: "stale" };

/** Stands before what is kept behind something that is not. */
const CUT = expect.stringMatching(/^\{"type":"history_cut","lastId":\d+\}$/);

/** What follows on that which is kept. */
const RESTARTED = expect.stringMatching(/^\{"type":"workflow_restarted","lastId":\d+\}$/);

/** To keep the first entry and the third, as the history is now. */
async function requestFor(
  store: Store,
  rest: Partial<RestartRequest> = {},
): Promise<RestartRequest> {
  const history = await store.instances.history("a");
  const last = history.at(-1) ?? { at: 0, text: "" };
  const kept = { prefix: Math.min(1, history.length), rest: history.slice(2, 3) };
  return { instanceId: "a", length: history.length, last, ...kept, droppedStreams: [], ...rest };
}

export function restartFromTests(setup: SetUp): void {
  test("an instance starts over with the part of its history that is given", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: ENTRIES }));
    const before = await store.instances.history("a");

    const outcome = await store.commands.restartFrom(await requestFor(store));

    expect(outcome).toMatchObject({ type: "done", requests: [{ instanceId: "a", rank: 5 }] });
    const restarted = { at: expect.any(Number), text: RESTARTED };
    const kept = [before[0], { at: before[2]?.at, text: CUT }, before[2], restarted];
    expect(await store.instances.history("a")).toEqual(kept);
    expect(await statusOf(store, "a")).toBe("queued");
    expect(await claim(store, "a")).toMatchObject({
      isContinuation: false,
      history: kept,
    });
  });

  test.each(STATUSES)("so does one that is %s, as if it were new else", async (status) => {
    const { store } = await setup();
    await INTO[status](store, "a");
    const before = await store.instances.get("a");
    const request = await requestFor(store);
    // Without a history there is nothing to begin from.
    if (request.length === 0) return;

    expect(await store.commands.restartFrom(request)).toMatchObject({ type: "done" });

    expect(await store.instances.get("a")).toEqual({
      id: "a",
      status: "queued",
      params: before?.params,
      priority: before?.priority,
      createdAt: before?.createdAt,
      trigger: "binding",
      lastNumber: expect.any(Number),
    });
    expect(await historyOf(store, "a")).toHaveLength(2);
  });

  test.each([
    ["may not have waited for what is kept", false],
    ["has ended it", true],
  ])("whose worker %s: the next claim knows", async (_, hasEnded) => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: ENTRIES }));
    const end = write("a", claimed, { commit: 2, after: 1 });
    if (hasEnded) await store.activations.finish({ ...end, result: COMPLETE });

    await store.commands.restartFrom(await requestFor(store));

    expect(await claim(store, "a")).toMatchObject({ isAfterCrash: !hasEnded });
  });

  test("nothing is cut when all that is kept comes first", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: ENTRIES }));

    await store.commands.restartFrom(await requestFor(store, { prefix: 2, rest: [] }));

    expect(await historyOf(store, "a")).toEqual([ENTRIES[0], ENTRIES[1], RESTARTED]);
  });

  test("what is kept begins with ids that no entry has had", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: ENTRIES }));

    await store.commands.restartFrom(await requestFor(store));
    await store.commands.restartFrom(await requestFor(store, { prefix: 0 }));

    const ids = (await historyOf(store, "a")).map(
      (text) => (JSON.parse(text) as { lastId?: number }).lastId,
    );
    const [first, second] = [5 * IDS_PER_ENTRY, 10 * IDS_PER_ENTRY];
    expect(first).toBeLessThan(second);
    expect(ids).toEqual([second, undefined, second]);
  });

  test("the result of one that is over is gone with the rest", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.finish({
      ...write("a", claimed, { entries: ENTRIES }),
      result: COMPLETE,
    });

    await store.commands.restartFrom(await requestFor(store));

    expect(await historyOf(store, "a")).toEqual([ENTRIES[0], CUT, ENTRIES[2], RESTARTED]);
    const again = await claim(store, "a");
    await store.activations.finish({ ...write("a", again), result: COMPLETE });
    expect(await store.instances.get("a")).toMatchObject({
      status: "complete",
      output: COMPLETE.output,
    });
  });

  test("nothing happens when the history has grown since it was read", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: ENTRIES.slice(0, 3) }));
    const request = await requestFor(store);
    await store.activations.commit(
      write("a", claimed, { commit: 2, after: 1, entries: ENTRIES.slice(3) }),
    );

    expect(await store.commands.restartFrom(request)).toEqual({ type: "changed" });

    expect(await historyOf(store, "a")).toEqual(ENTRIES);
    expect(
      await store.activations.commit(write("a", claimed, { commit: 3, after: 2 })),
    ).toMatchObject({
      type: "committed",
    });
  });

  test("nor when it is another one of the same length", async () => {
    const { store, passTime } = await setup();
    const first = await run(store, "a");
    await store.activations.commit(write("a", first, { entries: ENTRIES }));
    const request = await requestFor(store);
    await store.commands.restart("a");
    const second = await claim(store, "a");
    await passTime(TICK_MS);
    await store.activations.commit(write("a", second, { entries: ENTRIES }));

    expect(await store.commands.restartFrom(request)).toEqual({ type: "changed" });
  });

  test("nor when the instance is not there", async () => {
    const { store } = await setup();

    expect(await store.commands.restartFrom(await requestFor(store))).toEqual({ type: "missing" });
  });

  test("whoever ran it has no more say, and what he knew is no loss", async () => {
    const { store } = await setup();
    const old = await run(store, "a");
    await store.activations.commit(write("a", old, { entries: ENTRIES }));
    const held = await store.instances.history("a");
    await store.commands.restartFrom(await requestFor(store));

    expect(await store.activations.commit(write("a", old, { commit: 2, entries: ["{}"] }))).toEqual(
      STALE,
    );
    const knowledge = { instanceId: "a", fence: old.fence, ageMs: 0, entries: 4, held };
    const known = { ...knowledge, lastEvent: 0, lastEventAt: 0 };
    expect(await store.activations.reassert(known)).toEqual({ type: "kept" });
    expect(await historyOf(store, "a")).toEqual([ENTRIES[0], CUT, ENTRIES[2], RESTARTED]);
  });

  test("events that no wait has taken are gone", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: ENTRIES }));
    await store.commands.sendEvent("a", { type: "x" });

    await store.commands.restartFrom(await requestFor(store));

    expect(await claim(store, "a")).toMatchObject({ events: [], lastEvent: 0 });
  });

  test("its slot goes to whoever waits for one", async () => {
    const { store } = await setup();
    await store.configure({ concurrencyLimit: 1 });
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: ENTRIES }));
    await create(store, "b");

    expect(requested(await store.commands.restartFrom(await requestFor(store)))).toEqual(["b"]);
  });

  test("streams that are dropped are swept and leave their room, others stay", async () => {
    const { store, passTime } = await setup();
    const { fence } = await run(store, "a");
    const streams = ["1", "2"].map((n) => ({ id: `${fence}.${n}`, chunks: 1, bytes: 5 }));
    const place = { instanceId: "a", fence, index: 0, confirmed: 0, limitBytes: 10 };
    const bytes = new Uint8Array(5);
    for (const { id } of streams) await store.streams.writeChunk({ ...place, stream: id, bytes });
    await store.activations.commit({ ...write("a", { fence }, { entries: ENTRIES }), streams });

    const droppedStreams = streams.slice(1);
    await store.commands.restartFrom(await requestFor(store, { droppedStreams }));
    const next = await claim(store, "a");
    const written = await store.streams.writeChunk({
      ...place,
      fence: next.fence,
      stream: `${next.fence}.1`,
      bytes,
    });
    await passTime(TICK_MS);
    await store.streams.sweepStreams({ olderThanMs: 0, limit: 10 });

    expect(written).toEqual({ type: "written" });
    expect(await store.streams.checkStreams("a", streams)).toEqual([true, false]);
  });
}

/** What becomes of events when a store has lost confirmed writes. */
import { expect, test } from "vitest";
import { KnownHistory } from "../../../src/engine/known-history.ts";
import type { BufferedEvent, Claim } from "../../../src/engine/ports/activations.ts";
import type { HeldEntry } from "../../../src/engine/ports/reassertion.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import { VirtualClock } from "../../../src/memory/virtual-clock.ts";
import { encodeEntry } from "../../../src/model/history.ts";
import { LONG_MS, TICK_MS, claim, run, texts, write } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { commit, instantOf, known } from "./knowledge.ts";

const KEPT = { type: "kept" };

async function claimedEvents(store: Store, claimed: Claim): Promise<readonly BufferedEvent[]> {
  const { fence } = claimed;
  const outcome = await store.activations.renew({
    instanceId: "a",
    fence,
    leaseMs: LONG_MS,
    seenEvent: 0,
  });
  return outcome.type === "renewed" ? outcome.news.events : [];
}

/** Hands all events there are to waits, and answers the entries as their writer holds them. */
async function take(store: Store, claimed: Claim): Promise<readonly HeldEntry[]> {
  const events = await claimedEvents(store, claimed);
  const [entries, consumed] = [events.map(waitCompleted), events.map(({ seq }) => seq)];
  const outcome = await store.activations.commit(
    write("a", claimed, { entries, consumed, seenEvent: 9 }),
  );
  const at = instantOf(outcome);
  return events.map(({ seq, ...consumed }) => ({ at, text: entries[seq - 1] ?? "", consumed }));
}

function waitCompleted({ at, type, payload }: BufferedEvent): string {
  const entry = {
    type: "wait_completed",
    step: "go-1",
    call: 1,
    eventType: type,
    receivedAt: at,
  } as const;
  return encodeEntry(entry, "payload", payload);
}

export function lostEventTests(setup: SetUp): void {
  test("an event that a lost entry had taken is taken again, a newer one of its number is not", async () => {
    const { store, capture, passTime } = await setup();
    const claimed = await run(store, "a");
    await store.commands.sendEvent("a", { type: "go", payload: "1" });
    const setBack = await capture();
    await passTime(TICK_MS);
    await store.commands.sendEvent("a", { type: "go", payload: "2" });
    const taken = await take(store, claimed);
    await passTime(TICK_MS);
    await setBack();
    await store.commands.sendEvent("a", { type: "go", payload: "3" });

    await store.activations.reassert(known(claimed, taken));

    const { events } = await claim(store, "a");
    expect(events.map(({ seq, payload }) => [seq, payload])).toEqual([[2, "3"]]);
  });

  test("only as many events are taken again as entries are put back", async () => {
    const { store, capture, passTime } = await setup();
    const claimed = await run(store, "a");
    await store.commands.sendEvent("a", { type: "go" });
    const [first] = await take(store, claimed);
    if (first?.consumed === undefined) throw new Error("There was no event");
    const setBack = await capture();
    await passTime(TICK_MS);
    const second = await commit(store, claimed, { number: 2, text: '{"n":2}' });
    await setBack();
    await store.commands.sendEvent("a", { type: "go" });
    const [event] = (await claimedEvents(store, claimed)).slice(-1);
    if (event === undefined) throw new Error("There was no event");
    const consumed = { at: event.at, type: "go" };

    // As if all of them had come within one millisecond.
    await store.activations.reassert(known(claimed, [{ ...first, consumed }, second]));

    expect((await claim(store, "a")).events).toEqual([event]);
  });

  test("of events that are alike in all but number one is taken again per entry", async () => {
    const { store, capture, passTime } = await setup();
    const claimed = await run(store, "a");
    const setBack = await capture();
    await passTime(TICK_MS);
    const lost = await commit(store, claimed, { number: 1, text: '{"n":1}' });
    await passTime(TICK_MS);
    await setBack();
    // At once, and so mostly within the same millisecond.
    await Promise.all(
      [1, 2, 3].map(async () => await store.commands.sendEvent("a", { type: "go" })),
    );
    const [first, ...others] = await claimedEvents(store, claimed);
    if (first === undefined) throw new Error("There was no event");
    const consumed = { at: first.at, type: "go" };

    await store.activations.reassert(known(claimed, [{ ...lost, consumed }]));

    expect((await claim(store, "a")).events).toEqual(others);
  });

  test("an event stays taken when it is not its taker who puts back that it was", async () => {
    const { store, capture, passTime } = await setup();
    const claimed = await run(store, "a");
    for (const payload of ['{"n":1}', undefined]) {
      await store.commands.sendEvent("a", { type: "go", ...(payload && { payload }) });
    }
    const setBack = await capture();
    await passTime(TICK_MS);
    const entries = texts(await take(store, claimed));
    await store.activations.release(write("a", claimed, { commit: 2, after: 1 }));
    const other = await claim(store, "a");
    const heard = new KnownHistory("a", other.createdAt, new VirtualClock(other.now));
    heard.hearClaim(other);
    await passTime(TICK_MS);
    await setBack();
    await store.commands.sendEvent("a", { type: "go", payload: '{"n":1}' });

    expect(await store.activations.reassert(heard.describe())).toMatchObject({
      type: "reasserted",
    });

    const next = await claim(store, "a");
    expect(texts(next.history)).toEqual(entries);
    expect(next.events.map(({ seq }) => seq)).toEqual([3]);
  });

  test("a new event is not taken for a lost one that its holder has seen", async () => {
    const { store, capture, passTime } = await setup();
    const claimed = await run(store, "a");
    const setBack = await capture();
    await passTime(TICK_MS);
    await store.commands.sendEvent("a", { type: "go", payload: "1" });
    await store.commands.sendEvent("a", { type: "go", payload: "2" });
    const seen = await store.activations.commit(write("a", claimed));
    const lost = seen.type === "committed" ? seen.news.events : [];
    await passTime(TICK_MS);
    await setBack();
    await store.commands.sendEvent("a", { type: "go", payload: "3" });

    const lastEventAt = lost.at(-1)?.at ?? 0;
    const lesson = known(claimed, [], { lastEvent: 2, lastEventAt });
    expect(await store.activations.reassert(lesson)).toEqual(KEPT);
    expect(await store.activations.reassert(lesson)).toEqual(KEPT);
    await store.commands.sendEvent("a", { type: "go", payload: "4" });

    const news = await store.activations.commit(write("a", claimed, { seenEvent: 2 }));
    const events = news.type === "committed" ? news.news.events : [];
    expect(events.map(({ seq, payload }) => [seq, payload])).toEqual([
      [3, "3"],
      [4, "4"],
    ]);
  });
}

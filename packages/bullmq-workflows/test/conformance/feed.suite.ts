/** The contract of a {@link StatusFeed}, for every implementation to pass. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/engine/ports/store.ts";
import { OUTBOX_LIMIT } from "../../src/engine/ports/status-feed.ts";
import type { StatusChange, StatusFeed } from "../../src/engine/ports/status-feed.ts";
import {
  COMPLETE,
  ERRORED,
  LONG_MS,
  SHORT_MS,
  TICK_MS,
  claim,
  create,
  run,
  suspendUntil,
  write,
} from "./store/bundle.ts";
import { Ear } from "./store/ear.ts";

export interface FeedSetup {
  readonly store: Store;
  readonly feed: StatusFeed;
  /** Another one on the same partition, as in a process of its own. */
  readonly connect: () => Promise<StatusFeed>;
  /** Up to the limit, of an outbox that is empty. */
  readonly fillOutbox: () => Promise<void>;
  readonly passTime: (ms: number) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

const TAKE = { holder: "me", limit: 10, idleMs: LONG_MS };

/** As texts, which are short to compare. */
function print({ instanceId, status }: StatusChange): string {
  return `${instanceId} ${status}`;
}

async function hear(feed: StatusFeed, watchMs = LONG_MS): Promise<Ear<StatusChange>> {
  const ear = new Ear<StatusChange>();
  await feed.listen(ear.hear, () => undefined);
  await feed.watch(watchMs);
  return ear;
}

export function describeFeed(name: string, open: () => Promise<FeedSetup>): void {
  const setup = async (): Promise<FeedSetup> => {
    const opened = await open();
    onTestFinished(async () => await opened.dispose());
    return opened;
  };

  describe(`${name}: what is told`, () => {
    test("who watches hears of every status of every instance, in order, with its time", async () => {
      const { store, connect } = await setup();
      const ear = await hear(await connect());

      const first = await run(store, "a");
      await store.activations.suspend({ ...write("a", first), awaits: ["go"] });
      await store.commands.sendEvent("a", { type: "go" });
      const again = await claim(store, "a");
      await store.activations.finish({ ...write("a", again), result: COMPLETE });
      const failing = await run(store, "b c");
      await store.activations.finish({ ...write("b c", failing), result: ERRORED });

      const changes = await ear.first(8);
      expect(changes.map(print)).toEqual([
        "a queued",
        "a running",
        "a waiting",
        "a queued",
        "a running",
        "a complete",
        "b c queued",
        "b c running",
      ]);
      const [last] = (await ear.first(9)).slice(8);
      expect(last).toEqual({
        instanceId: "b c",
        status: "errored",
        at: (await store.instances.get("b c"))?.endedAt,
      });
    });

    test("who watches hears what is done to instances from outside", async () => {
      const { store, feed } = await setup();
      await suspendUntil(store, "a", "go");
      const ear = await hear(feed);

      await store.commands.pause("a");
      await store.commands.resume("a");
      await claim(store, "a");
      await store.commands.pause("a");
      await store.commands.resume("a");
      await store.commands.terminate("a");
      await store.commands.restart("a");
      await store.commands.delete("a");

      expect((await ear.first(8)).map(print)).toEqual([
        "a paused",
        "a queued",
        "a running",
        "a waitingForPause",
        "a running",
        "a terminated",
        "a queued",
        "a deleted",
      ]);
    });

    test("a delayed start, a wake-up, and the end of a retention are told", async () => {
      const { store, feed, passTime } = await setup();
      const ear = await hear(feed);

      await create(store, "a", { delayMs: 1, retention: { successMs: 1, errorMs: 1 } });
      await passTime(TICK_MS);
      await store.sweeps.wakeDue(10);
      const claimed = await claim(store, "a");
      await store.activations.finish({ ...write("a", claimed), result: COMPLETE });
      await passTime(TICK_MS);
      await store.sweeps.expire(10);

      expect((await ear.first(4)).map(print)).toEqual([
        "a queued",
        "a running",
        "a complete",
        "a deleted",
      ]);
    });

    test("a commit, a renewal, and what changes nothing tell nothing", async () => {
      const { store, feed } = await setup();
      const claimed = await run(store, "a");
      const ear = await hear(feed);

      await store.activations.commit(write("a", claimed, { entries: ['{"n":1}'] }));
      await store.activations.renew({
        instanceId: "a",
        fence: claimed.fence,
        leaseMs: LONG_MS,
        seenEvent: 0,
      });
      await store.commands.resume("a");
      await store.commands.terminate("a");

      expect((await ear.first(1)).map(print)).toEqual(["a terminated"]);
    });

    test("who only listens hears nothing, and a watch lasts for as long as it was made for", async () => {
      const { store, feed, passTime } = await setup();
      const ear = new Ear<StatusChange>();
      await feed.listen(ear.hear, () => undefined);
      await create(store, "before");
      await feed.watch(SHORT_MS);
      await passTime(TICK_MS);

      await create(store, "after");
      expect(await feed.watch(LONG_MS)).toBe(false);
      expect(await feed.watch(SHORT_MS)).toBe(true);
      await passTime(TICK_MS);
      await create(store, "watched");

      expect((await ear.first(1)).map(print)).toEqual(["watched queued"]);
    });

    test("numbers that were drawn stay drawn when a watch begins", async () => {
      const { store, feed } = await setup();
      const before = await run(store, "a");

      await feed.watch(LONG_MS);
      const after = await run(store, "b");

      expect(after.fence).toBeGreaterThan(before.fence);
      expect(await store.instances.get("b")).toMatchObject({ status: "running" });
    });

    test("a limit that was set still holds while somebody watches", async () => {
      const { store, feed } = await setup();
      await store.configure({ concurrencyLimit: 1 });
      await feed.watch(LONG_MS);

      const requests = [await create(store, "a"), await create(store, "b")];

      expect(requests.map((each) => each.length)).toEqual([1, 0]);
    });
  });

  describe(`${name}: what is kept`, () => {
    test("changes to the statuses that were asked for are kept, whoever makes them, and no others", async () => {
      const { store, feed } = await setup();
      await feed.keep(["complete", "waiting"]);

      const claimed = await run(store, "a");
      await store.activations.finish({ ...write("a", claimed), result: COMPLETE });
      await suspendUntil(store, "b", "go");
      await store.commands.pause("b");
      await run(store, "c");
      await store.commands.pause("c");

      const { entries } = await feed.take(TAKE);
      expect(entries.map(({ change }) => print(change))).toEqual(["a complete", "b waiting"]);
      expect(entries[0]?.change.at).toBe((await store.instances.get("a"))?.endedAt);
    });

    test("an entry is given to one, and to another only after it was left for too long", async () => {
      const { store, feed, connect, passTime } = await setup();
      await feed.keep(["queued"]);
      await create(store, "a");
      const other = await connect();

      const [entry] = (await feed.take(TAKE)).entries;
      expect(await other.take({ ...TAKE, holder: "you" })).toEqual({ entries: [] });
      await passTime(TICK_MS);
      expect(await other.take({ ...TAKE, holder: "you", idleMs: 1 })).toEqual({ entries: [entry] });
    });

    test("an entry that was dropped does not come back", async () => {
      const { store, feed, passTime } = await setup();
      await feed.keep(["queued"]);
      await create(store, "a");
      await create(store, "b");
      const [first] = (await feed.take({ ...TAKE, limit: 1 })).entries;

      await feed.drop([String(first?.id)]);
      await feed.drop([]);
      await passTime(TICK_MS);

      const rest = (await feed.take({ ...TAKE, idleMs: 1 })).entries;
      expect(rest.map(({ change }) => print(change))).toEqual(["b queued"]);
    });

    test("nothing is kept before it was asked for, nor after, and what is there stays", async () => {
      const { store, feed } = await setup();
      await create(store, "a");
      expect(await feed.take(TAKE)).toEqual({ entries: [] });
      await feed.keep(["queued"]);
      await create(store, "b");
      await feed.keep([]);
      await create(store, "c");

      const { entries } = await feed.take(TAKE);

      expect(entries.map(({ change }) => print(change))).toEqual(["b queued"]);
    });

    test("watching and keeping do not get in each other's way", async () => {
      const { store, feed } = await setup();
      const ear = await hear(feed);
      await feed.keep(["queued"]);
      await feed.watch(LONG_MS);
      await run(store, "a");
      await feed.keep([]);

      await store.commands.terminate("a");

      expect((await ear.first(3)).map(print)).toEqual(["a queued", "a running", "a terminated"]);
      expect((await feed.take(TAKE)).entries).toHaveLength(1);
    });

    test("of a full outbox the oldest are dropped, and it is known how many", async () => {
      const { store, feed, fillOutbox } = await setup();
      await feed.keep(["queued"]);
      await fillOutbox();

      // A store may drop some hundred at once.
      for (let n = 0; n < 250; n++) await create(store, `i-${n}`);

      const { losses } = await feed.take(TAKE);
      expect(losses).toEqual({ count: expect.any(Number), lastAt: expect.any(Number) });
      expect(losses?.count).toBeGreaterThan(50);
      const survey = await store.insights.survey({ overdueMs: 0, limit: 1 });
      expect(survey).toMatchObject({ outboxLosses: losses });
      expect(survey.outboxCount + (losses?.count ?? 0)).toBe(OUTBOX_LIMIT + 250);
    });
  });
}

import { expect, test, vi } from "vitest";
import { create } from "../../test/conformance/store/bundle.ts";
import type { StatusChange } from "../engine/ports/status-feed.ts";
import { MemoryStatusFeed } from "../memory/memory-status-feed.ts";
import { MemoryStore } from "../memory/memory-store.ts";
import { VirtualClock } from "../memory/virtual-clock.ts";
import { EngineClosedError } from "../model/errors.ts";
import { StoreUnavailableError } from "../model/store-errors.ts";
import { FeedWatch } from "./feed-watch.ts";

const MINUTE_MS = 60_000;

function setup() {
  const clock = new VirtualClock();
  const store = new MemoryStore(clock);
  const feed = new MemoryStatusFeed(store.partition);
  const heard: string[] = [];
  const listener = {
    onChange: ({ instanceId, status }: StatusChange) => void heard.push(`${instanceId} ${status}`),
    onGap: () => void heard.push("gap"),
  };
  return { clock, store, feed, heard, listener, watch: new FeedWatch({ feed, clock }) };
}

test("who has joined hears of changes for as long as he stays", async () => {
  const { clock, store, heard, listener, watch } = setup();
  const leave = await watch.join(listener);

  await clock.advance(60 * MINUTE_MS);
  await create(store, "a");
  await clock.settle();
  leave();
  await create(store, "b");
  await clock.settle();

  expect(heard).toEqual(["a queued"]);
});

test("many share what is heard, and the last one who leaves ends it", async () => {
  const { clock, feed, listener, watch } = setup();
  const listening = vi.spyOn(feed, "listen");
  const asking = vi.spyOn(feed, "watch");

  const leaves = await Promise.all([listener, listener, listener].map((each) => watch.join(each)));
  await clock.advance(10 * MINUTE_MS);
  expect(listening).toHaveBeenCalledTimes(1);
  expect(asking).toHaveBeenCalledTimes(1 + 10);
  for (const leave of leaves) leave();
  await clock.advance(10 * MINUTE_MS);

  expect(asking).toHaveBeenCalledTimes(1 + 10);
});

test("who was not heard of for too long learns that he may have missed something", async () => {
  const { clock, feed, heard, listener, watch } = setup();
  await watch.join(listener);
  vi.spyOn(feed, "watch").mockRejectedValue(new StoreUnavailableError(new Error("away")));
  await clock.advance(5 * MINUTE_MS);
  expect(heard).toEqual([]);

  vi.restoreAllMocks();
  await clock.advance(2 * MINUTE_MS);

  expect(heard).toContain("gap");
});

test("a connection that broke is a gap, after which it is asked for at once", async () => {
  const { clock, store, feed, heard, listener, watch } = setup();
  await watch.join(listener);
  const asking = vi.spyOn(feed, "watch");

  store.partition.notices.disconnect();
  await create(store, "a");
  store.partition.notices.reconnect();
  await clock.settle();

  expect(heard).toEqual(["gap"]);
  expect(asking).toHaveBeenCalledTimes(1);
});

test("when it is closed everyone is told, and nobody joins any more", async () => {
  const { heard, listener, watch } = setup();
  await watch.join(listener);

  watch.close();

  expect(heard).toEqual(["gap"]);
  await expect(watch.join(listener)).rejects.toThrow(EngineClosedError);
});

import { OUTBOX_LIMIT } from "../../src/engine/ports/status-feed.ts";
import { MemoryStatusFeed } from "../../src/memory/memory-status-feed.ts";
import { MemoryStore } from "../../src/memory/memory-store.ts";
import { describeFeed } from "./feed.suite.ts";

describeFeed("in memory", async () => {
  let now = 1_700_000_000_000;
  const store = new MemoryStore({ now: () => now });
  const connect = async () => new MemoryStatusFeed(store.partition);
  return {
    store,
    connect,
    feed: await connect(),
    fillOutbox: async () => {
      const { feed } = store.partition;
      const change = { instanceId: "a", status: "queued", at: now } as const;
      for (let n = 0; n < OUTBOX_LIMIT; n++) feed.put(change);
    },
    passTime: async (ms) => void (now += ms),
    dispose: async () => store.checkInvariants(),
  };
});

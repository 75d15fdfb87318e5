import { MemoryStore } from "../../src/memory/memory-store.ts";
import { describeStore } from "./store.suite.ts";

describeStore("MemoryStore", async () => {
  let now = 1_700_000_000_000;
  const store = new MemoryStore({ now: () => now });
  return {
    connect: async () => new MemoryStore(store.partition),
    passTime: async (ms) => {
      now += ms;
    },
    capture: async () => {
      const setBack = store.partition.capture();
      return async () => setBack();
    },
    loseRecord: async (id) => {
      const { instances } = store.partition;
      const state = instances.get(id);
      instances.delete(id);
      return async () => void (state && instances.set(id, state));
    },
    checkConsistency: async () => store.checkInvariants(),
    dispose: async () => undefined,
  };
});

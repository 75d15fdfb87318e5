import { MemoryDispatcher } from "../../src/memory/memory-dispatcher.ts";
import { MemoryQueue } from "../../src/memory/memory-queue.ts";
import { VirtualClock } from "../../src/memory/virtual-clock.ts";
import { describeDispatcher } from "./dispatcher.suite.ts";

describeDispatcher("MemoryDispatcher", async () => {
  const clock = new VirtualClock();
  const queue = new MemoryQueue(clock);
  return {
    connect: async () => new MemoryDispatcher(queue),
    passMinute: async () => await clock.advance(60_000),
    countAlarms: async () => queue.alarms.count,
    dispose: async () => undefined,
  };
});

import { MemoryDispatcher } from "../../src/memory/memory-dispatcher.ts";
import { MemoryQueue } from "../../src/memory/memory-queue.ts";
import { describeDispatcher } from "./dispatcher.suite.ts";

describeDispatcher("MemoryDispatcher", async () => {
  const queue = new MemoryQueue();
  return {
    connect: async () => new MemoryDispatcher(queue),
    dispose: async () => undefined,
  };
});

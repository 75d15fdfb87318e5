import { MemoryAccessLedger } from "../../src/memory/memory-access-ledger.ts";
import { MemoryDirectory } from "../../src/memory/memory-directory.ts";
import { MemoryWebhookLedger } from "../../src/memory/memory-webhook-ledger.ts";
import { VirtualClock } from "../../src/memory/virtual-clock.ts";
import { describeDirectory } from "./directory.suite.ts";

describeDirectory("in memory", async () => {
  const clock = new VirtualClock();
  return {
    directory: new MemoryDirectory(clock),
    accessLedger: new MemoryAccessLedger(),
    webhookLedger: new MemoryWebhookLedger(),
    passTime: async (ms) => await clock.advance(ms),
    dispose: async () => undefined,
  };
});

import { expect, test } from "vitest";
import { serverFacts } from "../../test/support/server-facts.ts";
import { BARRIERS, joinBarriers, waitsForDisk, waitsForReplicas } from "./barrier.ts";
import type { ServerFacts } from "./server-facts.ts";
import { alwaysSyncs, whyNoBarrier } from "./barrier-support.ts";

const PAIRS = BARRIERS.flatMap((one) => BARRIERS.map((other) => [one, other] as const));

test.each(PAIRS)("%s and %s join to what waits for what either waits for", (one, other) => {
  const joined = joinBarriers(one, other);

  expect(waitsForDisk(joined)).toBe(waitsForDisk(one) || waitsForDisk(other));
  expect(waitsForReplicas(joined)).toBe(waitsForReplicas(one) || waitsForReplicas(other));
});

test.each<[string, Partial<ServerFacts>, string]>([
  ["no append-only file", { appends: false, knowsWaitAof: true }, "appendonly yes"],
  ["a server that never syncs", { appends: true, fsync: "no", knowsWaitAof: true }, "never syncs"],
  ["an older version", { appends: true }, "no WAITAOF"],
])("fsync cannot be had with %s", (_, facts, reason) => {
  const servers = [serverFacts({ appends: true, knowsWaitAof: true }), serverFacts(facts)];

  expect(whyNoBarrier(servers, "fsync")).toContain(reason);
  expect(whyNoBarrier(servers, "fsync+replicated")).toContain(reason);
  expect(whyNoBarrier(servers, "replicated")).toBeUndefined();
  expect(whyNoBarrier(servers, "memory")).toBeUndefined();
});

test("an older version that syncs every write can do fsync, and without a wait", () => {
  const always = serverFacts({ appends: true, fsync: "always" });

  expect(whyNoBarrier([always], "fsync")).toBeUndefined();
  expect(alwaysSyncs([always, always])).toBe(true);
  expect(alwaysSyncs([always, serverFacts({ appends: true })])).toBe(false);
  expect(alwaysSyncs([])).toBe(false);
});

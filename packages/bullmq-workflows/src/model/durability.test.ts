import { expect, test } from "vitest";
import { serverFacts } from "../../test/support/server-facts.ts";
import type { Barrier } from "./barrier.ts";
import { gradeServer, gradeServers } from "./durability.ts";
import type { ServerFacts } from "./server-facts.ts";

const SNAPSHOTS = serverFacts();
const APPENDING = serverFacts({ appends: true });

const NO_BARRIER = { barrier: "memory", replicas: 1 } as const;

test.each<[string, ServerFacts, string]>([
  ["appendfsync always", { ...APPENDING, fsync: "always" }, "A"],
  ["appendfsync everysec", APPENDING, "B"],
  ["appendfsync no", { ...APPENDING, fsync: "no" }, "C"],
  ["snapshots", SNAPSHOTS, "C"],
  [
    "snapshots that fail, and writes that are refused for it",
    { ...SNAPSHOTS, isSnapshotFailing: true },
    "C",
  ],
  [
    "snapshots that fail, and writes that are taken all the same",
    { ...SNAPSHOTS, isSnapshotFailing: true, stopsOnSnapshotFailure: "no" },
    "D",
  ],
  ["memory only", { ...SNAPSHOTS, snapshots: "off" }, "D"],
  ["appendfsync always set, and appendonly off", { ...SNAPSHOTS, fsync: "always" }, "C"],
  [
    "an eviction policy with a maxmemory",
    { ...APPENDING, fsync: "always", maxMemory: 1, evictionPolicy: "volatile-lru" },
    "F",
  ],
  ["an eviction policy without a maxmemory", { ...APPENDING, evictionPolicy: "allkeys-lru" }, "B"],
])("%s", (_, facts, grade) => {
  expect(gradeServer(facts, NO_BARRIER)).toEqual({ grade, best: grade, unknown: [] });
});

test.each<[string, ServerFacts, string, string]>([
  ["the fsync policy", { ...APPENDING, fsync: "unknown" }, "C to A", "appendfsync"],
  ["whether there are snapshots", { ...SNAPSHOTS, snapshots: "unknown" }, "D to C", "save"],
  [
    "what follows a failed snapshot",
    { ...SNAPSHOTS, isSnapshotFailing: true, stopsOnSnapshotFailure: "unknown" },
    "D to C",
    "stop-writes-on-bgsave-error",
  ],
  [
    "whether it evicts",
    { ...APPENDING, maxMemory: 1, evictionPolicy: "unknown" },
    "F to B",
    "maxmemory-policy",
  ],
])("%s that cannot be read is taken for the worst", (_, facts, range, setting) => {
  const { grade, best, unknown } = gradeServer(facts, NO_BARRIER);

  expect([`${grade} to ${best}`, ...unknown]).toEqual([range, setting]);
});

test.each<[Barrier, Partial<ServerFacts>, number, string]>([
  ["fsync", { appends: true }, 1, "A"],
  ["fsync", { appends: false }, 1, "C"],
  ["replicated", { replicaCount: 2 }, 1, "A"],
  ["replicated", { replicaCount: 3 }, 1, "C"],
  ["replicated", { replicaCount: 3 }, 2, "A"],
  ["fsync+replicated", { appends: true, replicaCount: 5 }, 1, "A"],
  ["fsync", { appends: true, maxMemory: 1, evictionPolicy: "allkeys-lru" }, 1, "F"],
])("the barrier %s on %o, waiting for %d", (barrier, facts, replicas, grade) => {
  expect(gradeServer({ ...SNAPSHOTS, ...facts }, { barrier, replicas }).grade).toBe(grade);
});

test("of several servers the worst counts", () => {
  const always = { ...APPENDING, fsync: "always" } as const;
  const unread = { ...APPENDING, fsync: "unknown" } as const;

  expect(gradeServers([always, APPENDING, always], NO_BARRIER).grade).toBe("B");
  expect(gradeServers([always, unread], NO_BARRIER)).toEqual({
    grade: "C",
    best: "A",
    unknown: ["appendfsync"],
  });
});

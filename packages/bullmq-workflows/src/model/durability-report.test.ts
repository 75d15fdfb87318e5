import { expect, test } from "vitest";
import { serverFacts } from "../../test/support/server-facts.ts";
import type { Barrier } from "./barrier.ts";
import type { DurabilityGrade } from "./durability.ts";
import { isUndecided, toDurability } from "./durability-report.ts";
import type { ReportRequest } from "./durability-report.ts";
import type { ServerFacts } from "./server-facts.ts";

const REQUEST: ReportRequest = {
  barrier: "memory",
  replicas: 1,
  declared: undefined,
  fullAt: 0.95,
};

test("the best grade has nothing to advise, all others say what to change", () => {
  const grades = [
    { appends: true, fsync: "always" },
    { appends: true },
    {},
    { snapshots: "off" },
    { maxMemory: 9_999, evictionPolicy: "allkeys-lru" },
  ] as const;

  const advices = grades.map((facts) => {
    const { grade, advice } = toDurability([serverFacts(facts)], REQUEST);
    return `${grade} ${/`[^`]+`/.exec(advice)?.[0] ?? "nothing"}`;
  });
  expect(advices).toEqual([
    "A nothing",
    "B `appendfsync always`",
    "C `appendonly yes`",
    "D `appendonly yes`",
    "F `maxmemory-policy noeviction`",
  ]);
});

test("what the operator declares counts, also above what can be read", () => {
  const servers = [serverFacts({ snapshots: "unknown" })];

  expect(toDurability(servers, { ...REQUEST, declared: "A" })).toMatchObject({
    grade: "A",
    best: "A",
    isDeclared: true,
    unknown: [],
  });
});

test("no declaration outweighs that Redis says it evicts", () => {
  const servers = [serverFacts({ maxMemory: 9_999, evictionPolicy: "allkeys-lru" })];

  expect(toDurability(servers, { ...REQUEST, declared: "A" })).toMatchObject({
    grade: "F",
    isDeclared: false,
  });
});

test("a minimum between the worst and the best that fits is undecided", () => {
  const durability = toDurability([serverFacts({ appends: true, fsync: "unknown" })], REQUEST);

  expect(isUndecided(durability, "B")).toBe(true);
  expect(isUndecided(durability, "C")).toBe(false);
});

const LIMITED = { maxMemory: 10_000 };

test.each<[string, Partial<ServerFacts>, Partial<ReportRequest>, string]>([
  ["a replica", { role: "replica" }, {}, "is a replica"],
  ["a server that loads", { isLoading: true }, {}, "is loading"],
  ["a full disk", { isAppendFailing: true }, {}, "append-only file"],
  ["a failed snapshot", { isSnapshotFailing: true }, {}, "last snapshot"],
  [
    "a policy without a limit",
    { maxMemory: 0, evictionPolicy: "allkeys-lru" },
    {},
    "evicts as soon",
  ],
  ["no limit", { maxMemory: 0 }, {}, "no maxmemory"],
  ["replicas that nobody waits for", { replicaCount: 1 }, {}, "asynchronous"],
  ["the barrier of a server that does not append", {}, { barrier: "fsync" }, '"fsync" is not held'],
  [
    "no replica",
    {},
    { barrier: "replicated" },
    "has 0 replicas connected, and what waits for 1 replica is",
  ],
  [
    "too few replicas",
    { replicaCount: 1 },
    { barrier: "replicated", replicas: 2 },
    "has 1 replica connected, and what waits for 2 replicas is",
  ],
])("%s is remarked on", (_, facts, request, text) => {
  const servers = [serverFacts({ ...LIMITED, ...facts })];

  const { remarks } = toDurability(servers, { ...REQUEST, ...request });
  expect(remarks.filter((remark) => remark.includes(text))).toHaveLength(1);
});

test.each<[Barrier, Partial<ServerFacts>, DurabilityGrade]>([
  ["fsync", { appends: true }, "B"],
  ["fsync", { appends: true, knowsWaitAof: true }, "A"],
  ["replicated", { appends: true }, "B"],
  ["replicated", { replicaCount: 1 }, "A"],
  ["fsync+replicated", { appends: true, knowsWaitAof: true }, "A"],
  ["fsync+replicated", { appends: true, replicaCount: 1 }, "A"],
  ["fsync+replicated", { appends: true }, "B"],
])("the barrier %s on %o counts as far as it is held: %s", (barrier, facts, grade) => {
  expect(toDurability([serverFacts(facts)], { ...REQUEST, barrier }).grade).toBe(grade);
});

test("a barrier is held only where every server holds it", () => {
  const servers = [serverFacts({ replicaCount: 1 }), serverFacts()];

  expect(toDurability(servers, { ...REQUEST, barrier: "replicated" }).grade).toBe("C");
});

test("whoever cannot be read is to be asked or declared, not changed", () => {
  const servers = [serverFacts({ appends: true, fsync: "unknown" })];

  expect(toDurability(servers, REQUEST).advice).toMatch(/^Allow `CONFIG GET`, or .*declared/);
});

test("a server without trouble is not remarked on", () => {
  expect(toDurability([serverFacts(LIMITED)], REQUEST).remarks).toEqual([]);
});

test.each([
  [0, 10, "unlimited", 0],
  [100, 79, "enough", 0.79],
  [100, 80, "low", 0.8],
  [100, 90, "critical", 0.9],
  [100, 95, "full", 0.95],
] as const)("with a limit of %d, %d in use are %s", (maxMemory, usedMemory, level, ratio) => {
  const { headroom } = toDurability([serverFacts({ maxMemory, usedMemory })], REQUEST);

  expect(headroom).toEqual({ level, usedMemory, maxMemory, ratio });
});

test("of several servers the fullest counts", () => {
  const uses = [50, 92, 10].map((usedMemory) => serverFacts({ usedMemory, maxMemory: 100 }));

  expect(toDurability(uses, REQUEST).headroom).toMatchObject({ level: "critical", ratio: 0.92 });
});

import { expect, test } from "vitest";
import { serverFacts } from "../../test/support/server-facts.ts";
import { VirtualClock } from "../memory/virtual-clock.ts";
import type { ServerFacts } from "../model/server-facts.ts";
import { StoreUnavailableError } from "../model/store-errors.ts";
import { DurabilityWatch } from "./durability-watch.ts";
import type { DurabilitySettings } from "./durability-watch.ts";

const SETTINGS: DurabilitySettings = {
  minimum: undefined,
  declared: undefined,
  barrier: "memory",
  replicas: 1,
  timeoutMs: 5_000,
  fullAt: 0.95,
};

const APPENDING = { appends: true, maxMemory: 100, usedMemory: 10 } as const;

/** A watch over one server whose facts the test sets; without facts it cannot be reached. */
function start(
  facts: Partial<ServerFacts> | undefined,
  settings: Partial<DurabilitySettings> = {},
) {
  const clock = new VirtualClock();
  const server = { facts, readCount: 0 };
  const lines: string[] = [];
  const watch = new DurabilityWatch({
    async inspect() {
      server.readCount++;
      if (server.facts) return [serverFacts(server.facts)];
      throw new StoreUnavailableError(new Error("ECONNREFUSED"));
    },
    clock,
    telemetry: {
      log: (level, message) => void lines.push(`${level}: ${message}`),
      count: () => {},
    },
    settings: { ...SETTINGS, ...settings },
  });
  return { clock, server, lines, watch };
}

const GRADE = "Redis is of this durability grade";

test("the grade is said once, and again when it changes", async () => {
  const { server, lines, watch } = start(APPENDING);
  await watch.read();
  await watch.read();
  server.facts = { ...APPENDING, appends: false };
  await watch.read();
  server.facts = { ...APPENDING, evictionPolicy: "allkeys-lru" };
  await watch.read();

  expect(lines).toEqual([`info: ${GRADE}`, `warn: ${GRADE}`, `error: ${GRADE}`]);
});

test("memory that runs low is noticed within 5 seconds, and closely watched from then on", async () => {
  const { clock, server, lines, watch } = start(APPENDING);
  await watch.start();
  for (const usedMemory of [80, 90, 96, 10]) {
    server.facts = { ...APPENDING, usedMemory };
    await clock.advance(usedMemory === 80 ? 5_000 : 1_000);
  }

  expect(lines.slice(1)).toEqual([
    "warn: Redis is running low on memory",
    "error: Redis is almost out of memory",
    "error: Redis is full, new instances are refused",
    "info: Redis has enough memory again",
  ]);
  const before = server.readCount;
  await clock.advance(20_000);
  expect(server.readCount - before).toBe(4);
  watch.close();
  await clock.advance(20_000);
  expect(server.readCount - before).toBe(4);
});

test("memory that comes and goes around a level is spoken of once", async () => {
  const { server, lines, watch } = start(APPENDING);
  for (const usedMemory of [80, 79, 80, 78.5, 81, 77]) {
    server.facts = { ...APPENDING, usedMemory };
    await watch.read();
  }

  expect(lines.slice(1)).toEqual([
    "warn: Redis is running low on memory",
    "info: Redis has enough memory again",
  ]);
});

test("while Redis is full nobody is let in, and nobody waits for a reading", async () => {
  const { clock, server, watch } = start({ ...APPENDING, usedMemory: 95 });
  expect(watch.admit("memory")).toBeUndefined();
  await clock.settle();

  expect(() => watch.admit("memory")).toThrow(
    expect.objectContaining({ code: "store.low_memory", name: "LowMemoryError" }),
  );
  server.facts = { ...APPENDING, usedMemory: 94 };
  for (let i = 0; i < 100; i++) expect(() => watch.admit("memory")).toThrow("95 %");
  expect(server.readCount).toBe(1);
  await clock.advance(1_000);
  expect(() => watch.admit("memory")).toThrow("95 %");
  await clock.settle();
  expect(watch.admit("memory")).toBeUndefined();
});

test.each<[string, Partial<ServerFacts>, Partial<DurabilitySettings>, string]>([
  ["a grade below the minimum", {}, { minimum: "B" }, "durability.too_low"],
  [
    "a grade that nobody tells",
    { appends: true, fsync: "unknown" },
    { minimum: "A" },
    "durability.unknown",
  ],
  ["a replica", { ...APPENDING, role: "replica" }, { minimum: "D" }, "durability.unknown"],
  [
    "a barrier that cannot be had",
    APPENDING,
    { barrier: "fsync" },
    "durability.barrier_unsupported",
  ],
])("%s is refused, at the start and at the door", async (_, facts, settings, code) => {
  const { watch } = start(facts, settings);
  const { barrier = "memory" } = settings;

  await expect(watch.demand(barrier)).rejects.toMatchObject({ code, name: "DurabilityError" });
  await expect(watch.admit(barrier)).rejects.toMatchObject({ code });
});

test.each<[string, Partial<ServerFacts>, Partial<DurabilitySettings>]>([
  ["a grade that is declared", { fsync: "unknown" }, { minimum: "A", declared: "A" }],
  [
    "a grade that the barrier makes",
    { ...APPENDING, knowsWaitAof: true },
    { minimum: "A", barrier: "fsync" },
  ],
  ["the minimum itself", APPENDING, { minimum: "B" }],
])("%s will do", async (_, facts, settings) => {
  const { watch } = start(facts, settings);
  const { barrier = "memory" } = settings;

  await watch.demand(barrier);
  expect(watch.admit(barrier)).toBeUndefined();
});

test("a demand waits for a Redis that cannot be reached or is loading", async () => {
  const { clock, server, watch } = start(undefined, { minimum: "B" });
  let isMet = false;
  void watch.demand("memory")?.then(() => (isMet = true));
  await clock.advance(10_000);
  server.facts = { ...APPENDING, isLoading: true };
  await clock.advance(10_000);
  expect(isMet).toBe(false);

  server.facts = APPENDING;
  await clock.advance(1_000);
  expect(isMet).toBe(true);
});

test("a minimum that a barrier makes waits for the replicas that are not there yet", async () => {
  const { clock, server, lines, watch } = start(APPENDING, {
    minimum: "A",
    barrier: "replicated",
  });
  let isMet = false;
  void watch.demand("replicated")?.then(() => (isMet = true));
  await clock.advance(10_000);
  await expect(watch.admit("replicated")).rejects.toThrow(
    "0 replicas connected, and what waits for 1 replica is not acknowledged until there are more. Connect",
  );
  expect([isMet, ...lines]).toEqual([false, `info: ${GRADE}`]);

  server.facts = { ...APPENDING, replicaCount: 1 };
  await clock.advance(1_000);
  expect(isMet).toBe(true);
});

test("a demand ends with the watch", async () => {
  const { clock, watch } = start(undefined, { minimum: "B" });
  const demand = watch.demand("memory");
  demand?.catch(() => undefined);
  watch.close();
  await clock.advance(1_000);

  await expect(demand).rejects.toMatchObject({ code: "store.unavailable" });
});

test("without a demand nothing is read before it is needed", async () => {
  const { server, watch } = start(undefined);
  await watch.demand("memory");

  expect(server.readCount).toBe(0);
});

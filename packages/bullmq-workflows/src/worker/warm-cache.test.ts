import { expect, test } from "vitest";
import type { Activation } from "../engine/activation.ts";
import { VirtualClock } from "../memory/virtual-clock.ts";
import { WarmCache } from "./warm-cache.ts";

function setup() {
  const clock = new VirtualClock();
  const dropped: string[] = [];
  const cache = new WarmCache({ countLimit: 2, ageMs: 1_000 }, clock);
  const park = (instanceId: string, name = instanceId): Activation => {
    const drop = (reason: string): void => void dropped.push(`${name}: ${reason}`);
    const activation = { instanceId, drop } as unknown as Activation;
    cache.put(activation);
    return activation;
  };
  return { cache, clock, dropped, park };
}

test("what was parked can be taken once", () => {
  const { cache, park } = setup();
  const activation = park("a");

  expect(cache.peek("a")).toBe(activation);
  expect(cache.take("a")).toBe(activation);
  expect(cache.take("a")).toBeUndefined();
  expect(cache.size).toBe(0);
});

test("the one parked longest is evicted when there are too many", () => {
  const { cache, dropped, park } = setup();

  for (const id of ["a", "b", "c"]) park(id);

  expect(dropped).toEqual(["a: Evicted"]);
  expect(cache.size).toBe(2);
});

test("one that was parked for too long is dropped", async () => {
  const { cache, clock, dropped, park } = setup();
  park("a");

  await clock.advance(1_000);

  expect([dropped, cache.size]).toEqual([["a: Parked for too long"], 0]);
});

test("one that was taken is not dropped for its age", async () => {
  const { cache, clock, dropped, park } = setup();
  park("a");
  cache.take("a");

  await clock.advance(2_000);

  expect(dropped).toEqual([]);
});

test("another run of the same instance takes the place of the one before", () => {
  const { cache, dropped, park } = setup();
  park("a", "old");

  const latest = park("a", "new");

  expect([dropped, cache.peek("a") === latest]).toEqual([["old: Replaced"], true]);
});

test("clearing drops everything", () => {
  const { cache, dropped, park } = setup();
  park("a");
  park("b");

  cache.clear();

  expect([dropped, cache.size]).toEqual([["a: Evicted", "b: Evicted"], 0]);
});

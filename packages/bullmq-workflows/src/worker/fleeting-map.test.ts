import { describe, expect, test } from "vitest";
import { FleetingMap } from "./fleeting-map.ts";

describe("FleetingMap", () => {
  test("holds values by key until they are taken", () => {
    const map = new FleetingMap<string, { n: number }>();
    map.set("a", { n: 1 });

    expect(map.get("a")).toEqual({ n: 1 });
    expect(map.take("a")).toEqual({ n: 1 });
    expect([map.get("a"), map.take("a"), map.first]).toEqual([undefined, undefined, undefined]);
    expect([map.size, map.values]).toEqual([0, []]);
  });

  test("what takes the place of another one comes last", () => {
    const map = new FleetingMap<string, { n: number }>();
    map.set("a", { n: 1 });
    map.set("b", { n: 2 });
    map.set("a", { n: 3 });

    expect(map.first).toEqual({ n: 2 });
    expect(map.values).toEqual([{ n: 2 }, { n: 3 }]);
    expect(map.size).toBe(2);
  });
});

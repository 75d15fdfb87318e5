import { expect, test } from "vitest";
import { HeardEnds } from "./heard-ends.ts";

function listening(): HeardEnds {
  const ends = new HeardEnds();
  ends.begin();
  return ends;
}

function hearMany(ends: HeardEnds, count: number): void {
  for (let index = 0; index < count; index++) ends.hear(`other-${index}`);
}

test("as long as ends are not told there is no moment to go by", () => {
  expect(new HeardEnds().moment).toBeUndefined();
});

test("an end that was told is known, whenever it was told", () => {
  const ends = listening();
  const since = ends.moment as number;
  hearMany(ends, 10);
  expect(ends.hasNone("a", since)).toBe(true);

  ends.hear("a");
  hearMany(ends, 10);

  expect(ends.hasNone("a", since)).toBe(false);
  expect(ends.hasNone("b", since)).toBe(true);
});

test("when more ends were told since than are kept, nothing is known", () => {
  const ends = listening();
  const since = ends.moment as number;
  hearMany(ends, 1_000);
  expect(ends.hasNone("a", since)).toBe(true);

  hearMany(ends, 1);

  expect(ends.hasNone("a", since)).toBe(false);
});

test("an end that is told again is kept as long as the latest", () => {
  const ends = listening();
  ends.hear("a");
  const since = ends.moment as number;
  hearMany(ends, 500);
  ends.hear("a");
  hearMany(ends, 499);

  expect(ends.hasNone("a", since)).toBe(false);
});

test("when some may have been missed, nothing is known of what was created before", () => {
  const ends = listening();
  const before = ends.moment as number;
  ends.skip();

  expect(ends.hasNone("a", before)).toBe(false);
  expect(ends.hasNone("a", ends.moment as number)).toBe(true);
});

import { expect, test } from "vitest";
import { compare } from "../src/compare.ts";
import { Judge } from "../src/judge.ts";

const EXPECTED = [
  { why: "everywhere", scenarios: "*", paths: ["*.delay"] },
  { why: "only there", scenarios: ["a", "b"], paths: ["list[*].name", "status"] },
] as const;

function difference(path: string): { path: string; cloudflare: unknown; ours: unknown } {
  return { path, cloudflare: 1, ours: 2 };
}

test("equal records do not differ", () => {
  expect(compare({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
});

test("a difference is named by its path, whichever side has nothing there", () => {
  expect(compare({ a: [1, 2], b: { c: 1 } }, { a: [1], b: { c: 2 }, d: null })).toEqual([
    { path: "a[1]", cloudflare: 2, ours: undefined },
    { path: "b.c", cloudflare: 1, ours: 2 },
    { path: "d", cloudflare: undefined, ours: null },
  ]);
});

test("a list and an object differ as a whole", () => {
  expect(compare([1], { 0: 1 })).toEqual([{ path: "", cloudflare: [1], ours: { 0: 1 } }]);
});

test("what the table names is expected, and has its reason", () => {
  const judge = new Judge(EXPECTED);

  expect(judge.judge("a", [difference("list[3].name"), difference("x.delay")])).toMatchObject([
    { why: "only there" },
    { why: "everywhere" },
  ]);
});

test("another path, or the same one in another scenario, is not expected", () => {
  const judge = new Judge(EXPECTED);

  expect(judge.judge("a", [difference("list[3].names")])).toMatchObject([{ why: undefined }]);
  expect(judge.judge("c", [difference("status")])).toMatchObject([{ why: undefined }]);
});

test("an expectation that is not met in one of its scenarios is reported, path by path", () => {
  const judge = new Judge(EXPECTED);
  judge.judge("a", [difference("list[0].name"), difference("status"), difference("x.delay")]);
  judge.judge("b", [difference("status")]);

  expect(judge.unmet(new Set(["a", "b"]))).toEqual([
    "b: list[*].name does not differ any more (only there)",
  ]);
});

test("scenarios that did not run are not held to it", () => {
  const judge = new Judge(EXPECTED);
  judge.judge("a", [difference("list[0].name"), difference("status")]);

  expect(judge.unmet(new Set(["a"]))).toEqual(["*: *.delay does not differ any more (everywhere)"]);
});

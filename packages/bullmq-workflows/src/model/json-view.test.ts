import { expect, test } from "vitest";
import { jsonView } from "./json-view.ts";

test.each<[string, unknown, unknown]>([
  ["undefined", undefined, null],
  ["a function", () => 1, null],
  ["a symbol", Symbol("x"), null],
  ["null", null, null],
  ["text", "a", "a"],
  ["a boolean", false, false],
  ["NaN", Number.NaN, null],
  ["Infinity", Infinity, null],
  ["-0", -0, 0],
  ["a BigInt", 5n, "[BigInt(5)]"],
  ["a Date", new Date(0), "1970-01-01T00:00:00.000Z"],
  ["an invalid Date", new Date(Number.NaN), null],
  ["a Map", new Map([[1, 2]]), {}],
  ["a Set", new Set([1]), {}],
  ["a RegExp", /a/g, {}],
  ["a URL", new URL("http://a/b"), "http://a/b"],
  ["a typed array", new Uint8Array(3), "[Uint8Array(3 bytes)]"],
  ["a wide typed array", new Float64Array(2), "[Float64Array(16 bytes)]"],
  ["a Buffer", Buffer.from("abc"), "[Buffer(3 bytes)]"],
  ["a DataView", new DataView(new ArrayBuffer(2)), "[DataView(2 bytes)]"],
  ["an ArrayBuffer", new ArrayBuffer(3), "[ArrayBuffer(3 bytes)]"],
  [
    "an Error",
    Object.assign(new Error("x", { cause: 1 }), { code: "E", at: 1n }),
    { code: "E", at: "[BigInt(1)]" },
  ],
  ["a boxed number", Object(5), 5],
  ["a boxed string", Object("a"), "a"],
  ["a boxed boolean", Object(true), true],
  ["a boxed BigInt", Object(1n), "[BigInt(1)]"],
  ["what has toJSON", { toJSON: () => ({ a: 1n }) }, { a: "[BigInt(1)]" }],
  [
    "an object",
    { a: undefined, b: () => 1, c: [undefined, Number.NaN, { d: 1 }] },
    { c: [null, null, { d: 1 }] },
  ],
])("%s is shown as JSON can", (_name, value, expected) => {
  expect(jsonView(value)).toStrictEqual(expected);
});

test("a hole in an array is shown as null", () => {
  const holes: unknown[] = [];
  holes.length = 2;

  expect(jsonView(holes)).toStrictEqual([null, null]);
});

test("only a cycle is shown as one, not an object that occurs twice", () => {
  const shared = { n: 1 };
  const value: Record<string, unknown> = { a: shared, b: shared };
  value["self"] = [value];

  expect(jsonView(value)).toStrictEqual({ a: { n: 1 }, b: { n: 1 }, self: ["[Circular]"] });
});

test("a key `__proto__` is shown like any other", () => {
  const view = jsonView(JSON.parse('{"__proto__":{"a":1}}'));

  expect(JSON.stringify(view)).toBe('{"__proto__":{"a":1}}');
});

test("what is shown is a copy", () => {
  const value = { list: [1] };

  expect(jsonView(value)).not.toBe(value);
  expect(jsonView(value)).toHaveProperty("list", [1]);
});

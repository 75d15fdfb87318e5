import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bold,
  cut,
  harmless,
  oneLine,
  styled,
  toAnsi,
  toJson,
  toJsonLine,
  toPlain,
  widthOf,
} from "./text.ts";

test("what a terminal obeys is shown instead, lines and tabs stay", () => {
  expect(harmless("a\u001B[2J\u0007\u009B31m\u202Eb\r\u2028\n\tc")).toBe(
    "a\\x1b[2J\\x07\\x9b31m\\u202eb\\r\\u2028\n\tc",
  );
  expect(oneLine("a\nb\tc")).toBe("a\\nb\\tc");
});

test("styles of strings are none, styles around them are", () => {
  const text = [bold(["a\u001B[0m", styled("red", "b")]), "c"];

  expect(toPlain(text)).toBe("a\\x1b[0mbc");
  expect(toAnsi(text)).toBe("\u001B[1ma\\x1b[0m\u001B[31mb\u001B[39m\u001B[22mc");
});

test("no text whatsoever reaches a terminal as something to obey", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(toPlain(text)).not.toMatch(/[^\n\t\P{Cc}]/u);
      expect(toAnsi(styled("bold", text)).slice(4, -5)).not.toMatch(/[^\n\t\P{Cc}]/u);
    }),
  );
});

test("JSON has nothing a terminal obeys, and reads back as the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, text) => {
      for (const print of [toJson, toJsonLine]) {
        const json = print({ value, text });
        expect(json).not.toMatch(/[^\n\P{Cc}]/u);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text })));
      }
      expect(toJsonLine({ value, text })).not.toContain("\n");
    }),
  );
});

test.each([
  ["abc", 3],
  ["✅ Completed", 12],
  ["日本", 4],
  ["é", 1],
  ["👩‍👩‍👧", 2],
])("%s is %i columns wide", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test("what is cut says so, and fits", () => {
  expect(cut("abcdef", 6)).toBe("abcdef");
  expect(cut("abcdef", 4)).toBe("abc…");
  expect(cut("日本語", 4)).toBe("日…");
});

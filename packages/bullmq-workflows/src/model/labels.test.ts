import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldLabel, isValidFieldPath, isValidTag, tagsOf, toLabels } from "./labels.ts";

test.each(["vip", "eu-west_1", "team:a/b", "a=b", "user@example.com", "1.2+3", "x".repeat(64)])(
  "%s is a tag",
  (tag) => expect(isValidTag(tag)).toBe(true),
);

test.each(["", "a b", "a\n", "é", "a,b", "x".repeat(65), 7, null])("%j is none", (tag) => {
  expect(isValidTag(tag)).toBe(false);
});

test.each(["customer", "order.total", "a-b.$c._d", "0"])("%s is a path", (path) => {
  expect(isValidFieldPath(path)).toBe(true);
});

test.each(["", ".", "a.", ".a", "a..b", "a b", "a=b", "a[0]", "x".repeat(101), 1])(
  "%j is none",
  (path) => expect(isValidFieldPath(path)).toBe(false),
);

test("a value and the same as a text are found by the same label", () => {
  expect(fieldLabel("a", 7)).toBe("params.a=7");
  expect(fieldLabel("a", "7")).toBe("params.a=7");
  expect(fieldLabel("a", 7n)).toBe("params.a=7");
  expect(fieldLabel("a", true)).toBe("params.a=true");
  expect(fieldLabel("a", new Date(0))).toBe("params.a=1970-01-01T00:00:00.000Z");
});

test.each([[{}], [[1]], [undefined], [() => 1], [new Date(Number.NaN)], ["x".repeat(201)]])(
  "%j is nothing to be found by",
  (value) => expect(fieldLabel("a", value)).toBeUndefined(),
);

test("any two texts have labels of one line, that are the same only if the texts are", () => {
  const text = fc.string({ unit: "binary", maxLength: 100 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const [one, other] = [fieldLabel("f", a), fieldLabel("f", b)];
      expect(one).not.toContain("\n");
      expect(one === other).toBe(a === b);
    }),
  );
});

test("only what an object has itself is looked at", () => {
  const params = { a: { b: 1 }, list: [5], inherited: Object.create({ x: 1 }) as object };
  const paths = ["a.b", "a.b.c", "list.0", "inherited.x", "constructor.name", "__proto__", "none"];

  expect(toLabels(["t", "t"], params, paths)).toEqual(["tag:t", "params.a.b=1", "params.list.0=5"]);
  expect(toLabels([], null, ["a"])).toEqual([]);
  expect(toLabels([], "text", ["length"])).toEqual([]);
});

test("tags are told from fields", () => {
  expect(tagsOf(["tag:vip", "params.tag=x", "tag:a:b"])).toEqual(["vip", "a:b"]);
  expect(tagsOf(undefined)).toEqual([]);
});

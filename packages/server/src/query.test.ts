import { expect, test } from "vitest";
import { z } from "zod";
import { readQuery } from "./query.ts";
import { listOf } from "./schemas.ts";

const Text = z.string();

const SCHEMA = z.object({
  one: Text.optional(),
  list: z.array(Text).optional(),
  either: z.union([Text, z.array(Text)]).optional(),
  split: listOf(Text).optional(),
  fields: z.record(Text, Text).optional(),
});

test.each([
  ["", {}],
  ["one=a&one=b", { one: "b" }],
  ["list=a", { list: ["a"] }],
  ["list=a&list=b", { list: ["a", "b"] }],
  ["either=a", { either: "a" }],
  ["either=a&either=b", { either: ["a", "b"] }],
  ["split=a,b&split=c", { split: ["a", "b", "c"] }],
  ["fields.a=1&fields[b.c]=2", { fields: { a: "1", "b.c": "2" } }],
])("%s is read as the schema means it", (text, expected) => {
  expect(SCHEMA.parse(readQuery(SCHEMA, new URLSearchParams(text)))).toEqual(expected);
});

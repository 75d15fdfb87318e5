import { expect, test } from "vitest";
import { labels, table } from "./table.ts";
import type { Column } from "./table.ts";
import { styled, toPlain } from "./text.ts";

interface Row {
  readonly id: string;
  readonly note: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "ID", cell: ({ id }) => styled("red", id) },
  { title: "Note", cell: ({ note }) => note, isFlexible: true },
  { title: "End", cell: () => "x" },
];

test("columns stand under each other, and nothing is cut where there is no terminal", () => {
  const rows = [
    { id: "a-long-id", note: "n".repeat(300) },
    { id: "b", note: "日本" },
  ];

  expect(table(COLUMNS, rows, Infinity).map(toPlain)).toEqual([
    `ID         Note${" ".repeat(298)}End`,
    `a-long-id  ${"n".repeat(300)}  x`,
    `b          日本${" ".repeat(298)}x`,
  ]);
});

test("in a terminal only what may be cut is cut, down to a least width", () => {
  const rows = [{ id: "an-id-that-is-copied", note: "a note that is rather long" }];

  expect(table(COLUMNS, rows, 40).map(toPlain)[1]).toBe("an-id-that-is-copied  a note that …  x");
  expect(table(COLUMNS, rows, 10).map(toPlain)[1]).toBe("an-id-that-is-copied  a note that…  x");
});

test("a cell stays in its line", () => {
  expect(table(COLUMNS, [{ id: "a", note: "two\nlines" }], 80).map(toPlain)[1]).toBe(
    "a   two\\nlines  x",
  );
});

test("labels are as wide as the widest", () => {
  expect(
    labels([
      ["A", "1"],
      ["Long", "2"],
    ]).map(toPlain),
  ).toEqual(["A:     1", "Long:  2"]);
});

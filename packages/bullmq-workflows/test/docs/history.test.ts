import { expect, test } from "vitest";
import { readPage, readRows } from "./pages.ts";

test("docs/history.md has a row for every type of entry, and no other", () => {
  const source = readPage("packages/bullmq-workflows/src/model/history.ts");
  const types = [...source.matchAll(/readonly type: "(\w+)"/g)].map(([, type]) => type);

  const rows = readRows("docs/history.md").map(([type]) => type);
  expect(rows.toSorted()).toEqual([...new Set(types)].toSorted());
});

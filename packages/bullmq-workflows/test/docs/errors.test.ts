import { expect, test } from "vitest";
import { readRows, readSources } from "./pages.ts";

/** A code is the only kind of text in the sources with one dot in it, but for names of files, options and counters. */
function codesInSources(): Set<string> {
  const codes = new Set<string>();
  for (const text of readSources()) {
    const withoutOthers = text.replace(/\b(check\w+|count)\(\s*"[^"]+"/g, "");
    for (const [, code = ""] of withoutOthers.matchAll(/"([a-z]+\.[a-z_]+)"/g)) {
      if (!/\.(mjs|jsonc?|toml)$/.test(code)) codes.add(code);
    }
  }
  return codes;
}

test("docs/errors.md has a row for every code in the sources, and no other", () => {
  const rows = readRows("docs/errors.md").map(([code = ""]) => code);

  expect(rows.toSorted()).toEqual([...codesInSources()].toSorted());
});

test("every row of docs/errors.md names a class of the library, says when and what to do", () => {
  const sources = readSources().join("\n");

  const incomplete = readRows("docs/errors.md").filter(
    ([, errorClass = "", when = "", advice = ""]) =>
      !sources.includes(`class ${errorClass} `) || when === "" || advice === "",
  );
  expect(incomplete).toEqual([]);
});

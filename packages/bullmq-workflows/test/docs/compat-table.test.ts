/** Keeps docs/cloudflare-compat.md and the tests that it names in step. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { readPage, ROOT } from "./pages.ts";

const PAGE = "docs/cloudflare-compat.md";
const TESTS = "packages/bullmq-workflows/test";
const VERDICTS = ["same", "better", "absent", "ours"];

interface Row {
  readonly behaviour: string;
  readonly verdict: string;
  readonly remark: string;
  /** File and title of each test; the title `*` is all of a file. */
  readonly shownBy: readonly (readonly [file: string, title: string])[];
}

function readTable(): Row[] {
  const lines = readPage(PAGE).match(/^\| (?!---|behaviour).*\|$/gm) ?? [];
  return lines.map((line) => {
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    const [behaviour = "", verdict = "", remark = "", shownBy = ""] = cells.map((cell) =>
      cell.trim(),
    );
    return { behaviour, verdict, remark, shownBy: readTests(shownBy) };
  });
}

/** "`retries` “a title” “another” `engine/races` *" */
function readTests(cell: string): [string, string][] {
  const tests: [string, string][] = [];
  for (const [, name = "", titles = ""] of cell.matchAll(/`([\w/-]+)`([^`]*)/g)) {
    const file = `${toPath(name)}.test.ts`;
    for (const [title] of titles.matchAll(/(?<=“)[^”]*(?=”)|\*/g)) tests.push([file, title]);
  }
  return tests;
}

function toPath(name: string): string {
  if (/^(packages|contract)\//.test(name)) return name;
  return `${TESTS}/${name.includes("/") ? name : `compat/${name}`}`;
}

/** The titles of the tests in a file, as they are written: with `%s` where a table fills in. */
function titlesIn(file: string): string[] {
  const source = ts.createSourceFile(file, readPage(file), ts.ScriptTarget.Latest);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** `test`, `test.each(…)` and the like. */
function isTest(expression: ts.Expression): boolean {
  if (ts.isIdentifier(expression)) return expression.text === "test";
  const isFurther = ts.isCallExpression(expression) || ts.isPropertyAccessExpression(expression);
  return isFurther && isTest(expression.expression);
}

const rows = readTable();

test("every row has a verdict, and says why it is not the same", () => {
  const bad = rows.filter(({ behaviour, verdict, remark }) => {
    const mustSayWhy = verdict === "better" || verdict === "absent";
    return behaviour === "" || !VERDICTS.includes(verdict) || (mustSayWhy && remark === "");
  });

  expect(rows.length).toBeGreaterThan(80);
  expect(bad).toEqual([]);
});

test("every row names a test that shows it, unless there is nothing to show", () => {
  const bare = rows.filter(({ verdict, shownBy }) => verdict !== "absent" && shownBy.length === 0);

  expect(bare).toEqual([]);
});

test("every test that the table names is there", () => {
  const missing = rows.flatMap(({ shownBy }) =>
    shownBy.filter(([file, title]) => {
      if (!existsSync(join(ROOT, file))) return true;
      return title !== "*" && !titlesIn(file).includes(title);
    }),
  );

  expect(missing).toEqual([]);
});

test("every compat test is in the table", () => {
  const named = new Set(rows.flatMap(({ shownBy }) => shownBy.map((each) => each.join(" › "))));
  const files = readdirSync(join(ROOT, TESTS, "compat")).map((file) => `${TESTS}/compat/${file}`);
  const unnamed = files.flatMap((file) =>
    titlesIn(file)
      .map((title) => `${file} › ${title}`)
      .filter((each) => !named.has(each) && !named.has(`${file} › *`)),
  );

  expect(files.length).toBeGreaterThan(10);
  expect(unnamed).toEqual([]);
});

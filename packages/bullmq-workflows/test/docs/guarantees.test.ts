import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FAULTS } from "../faults/faults/index.ts";
import { SETUPS } from "../faults/setups/setup.ts";
import { readPage, ROOT } from "./pages.ts";

const page = readPage("docs/guarantees.md");
const PACKAGE = "packages/bullmq-workflows";

/** The tables under "What can be lost", as cells. */
const rows = page
  .slice(page.indexOf("### What can be lost"), page.indexOf("### A store that went back in time"))
  .split("\n")
  .filter((line) => line.startsWith("|") && !line.startsWith("| ---"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** What is code in a cell, if it names a setup or a fault. */
function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([a-z-]+)`/g)].flatMap(([, name]) => name ?? []);
}

test("every test that docs/guarantees.md names is there", () => {
  const named = [...page.matchAll(/`((?:test|src)\/[\w./-]+)`/g)].map(([, path]) => String(path));

  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(join(ROOT, PACKAGE, path)))).toEqual([]);
});

test("every cell names a fault that strikes on its setup", () => {
  const [head = [], ...body] = rows.slice(
    0,
    rows.findIndex(([, second]) => second === "setup"),
  );
  const setups = head.map((cell) => namesIn(cell)[0]);
  const missing = body.flatMap((cells) =>
    cells.slice(1).flatMap((cell, index) => {
      const faults = FAULTS.filter(({ name }) => namesIn(cell).includes(name));
      const setup = namesIn(cell).includes("unsynced") ? "unsynced" : setups[index + 1];
      return faults
        .filter(({ setups }) => !setups.some((name) => name === setup))
        .map(({ name }) => `${name} on ${setup}`);
    }),
  );

  expect(setups.slice(1)).toEqual(expect.arrayContaining(["always", "everysec", "no"]));
  expect(missing).toEqual([]);
});

test("every fault and every setup is in the tables", () => {
  const named = new Set(rows.flat().flatMap((cell) => namesIn(cell)));

  expect(FAULTS.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
  expect(SETUPS.filter((name) => !named.has(name))).toEqual([]);
});

test("no cell names what is neither a fault nor a setup", () => {
  const known = new Set<string>([...FAULTS.map(({ name }) => name), ...SETUPS, "noeviction"]);

  expect(
    rows
      .flat()
      .flatMap(namesIn)
      .filter((name) => !known.has(name)),
  ).toEqual([]);
});

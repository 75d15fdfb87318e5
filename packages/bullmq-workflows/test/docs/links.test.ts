import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { listPages, readPage, ROOT } from "./pages.ts";

/** What GitHub makes of a heading. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}

function anchorsOf(page: string): string[] {
  const headings = readPage(page).match(/^#+ .*$/gm) ?? [];
  return headings.map((line) => toAnchor(line.replace(/^#+ /, "")));
}

function leadsSomewhere(target: string, page: string): boolean {
  if (/^https?:/.test(target)) return true;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchorsOf(file).includes(anchor);
}

test.each(listPages())("the links of %s lead somewhere", (page) => {
  const text = readPage(page).replaceAll(/```[\s\S]*?```/g, "");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);

  expect(targets.filter((target) => !leadsSomewhere(target, page))).toEqual([]);
});

/** Tests that a page names as evidence must be there. */
test.each(["docs/guarantees.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])(
  "the tests and folders that %s names are there",
  (page) => {
    const named = [...readPage(page).matchAll(/`((?:test|src)\/[\w./-]+)`/g)];
    const paths = named.map(([, path = ""]) => join("packages/bullmq-workflows", path));

    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  },
);

test("docs/README.md leads to every page of docs", () => {
  const index = readPage("docs/README.md");
  const pages = listPages().filter(
    (page) => /^docs\/[^/]+$/.test(page) && page !== "docs/README.md",
  );

  for (const page of pages) expect(index).toContain(`(${page.slice("docs/".length)})`);
});

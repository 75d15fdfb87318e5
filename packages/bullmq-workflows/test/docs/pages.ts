/** The documentation as the tests of it see it: pages, their tables, and the sources they speak of. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT: string = fileURLToPath(new URL("../../../..", import.meta.url));
const SOURCES = ["packages/bullmq-workflows/src", "packages/cloudflare/src"];

/** Every page a reader may open, by its path from the root of the repository. */
export function listPages(): string[] {
  const atRoot = readdirSync(ROOT).filter((file) => file.endsWith(".md"));
  return [...atRoot, ...listFiles("docs", ".md"), ...listReadmes()];
}

/** Those of packages and examples, which people meet without the rest. */
function listReadmes(): string[] {
  const folders = ["packages", "examples"].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`),
  );
  const readmes = [...folders, "benchmarks", "contract", "differential"].map(
    (folder) => `${folder}/README.md`,
  );
  return readmes.filter((file) => existsSync(join(ROOT, file)));
}

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

/** The rows of a page's tables whose first cell is code, as cells without backquotes. */
export function readRows(page: string): string[][] {
  const rows = readPage(page).match(/^\| *`.*\|$/gm) ?? [];
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

/** The text of the sources of the library and of what speaks with its errors, without tests and generated files. */
export function readSources(): string[] {
  const files = SOURCES.flatMap((folder) => listFiles(folder, ".ts")).filter(
    (file) => !/\.(test|generated)\.ts$/.test(file),
  );
  return files.map((file) => readPage(file));
}

function listFiles(folder: string, extension: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(extension))
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`);
}

/** The page of docs that says what the last run found. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { EXPECTED } from "./expected-differences.ts";
import type { Finding } from "./judge.ts";

export interface Result {
  readonly name: string;
  readonly findings: readonly Finding[];
}

interface Report {
  readonly results: readonly Result[];
  readonly unmet: readonly string[];
  readonly seconds: number;
}

const PAGE = new URL("../../docs/differential-report.md", import.meta.url);
const MANIFEST = new URL("../package.json", import.meta.url);

export async function writeReport(report: Report): Promise<void> {
  const manifest = JSON.parse(await readFile(MANIFEST, "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const version = manifest.dependencies["miniflare"] ?? "";
  await writeFile(fileURLToPath(PAGE), toPage(report, version));
}

function toPage({ results, unmet, seconds }: Report, version: string): string {
  const sorted = results.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const same = sorted.filter(({ findings }) => findings.length === 0);
  const differing = sorted.filter(({ findings }) => findings.length > 0);
  const wrong = differing.filter(({ findings }) => findings.some(({ why }) => why === undefined));
  return `# Differential suite report

\`npm run differential\` ran ${results.length} scenarios on Miniflare ${version} and on this engine in
${seconds.toFixed(0)} seconds on Node ${process.versions.node}. ${same.length} were the same in everything
that is compared: statuses, outputs, errors, and each step's config, attempts and outcome. ${differing.length} differed
on purpose, ${wrong.length} otherwise; ${unmet.length} expected differences were missing.

## Why they differ

${reasons(differing).join("\n")}

## The same

${same.map(({ name }) => `- ${name}`).join("\n")}
`;
}

/** Each reason once, in the order of the table, with the scenarios that show it. */
function reasons(differing: readonly Result[]): string[] {
  const shown = EXPECTED.map(({ why }) => ({
    why,
    names: differing
      .filter(({ findings }) => findings.some((finding) => finding.why === why))
      .map(({ name }) => name),
  }));
  return shown
    .filter(({ why }, index) => shown.findIndex((other) => other.why === why) === index)
    .filter(({ names }) => names.length > 0)
    .map(({ why, names }) => `- ${why}\n${names.map((name) => `  - ${name}`).join("\n")}`);
}

/** What a run of the benchmark found, and the files it is written to. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { WorkloadResult } from "../bench.ts";
import type { Machine } from "../machine.ts";
import type { Row } from "../summary.ts";
import type { Workload } from "../workload.ts";
import { drawChart } from "./chart.ts";
import { toMarkdown } from "./markdown.ts";

const DIGITS = 5;
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export interface EngineFacts {
  readonly name: string;
  readonly about: string;
  readonly store: string;
}

export interface Section {
  readonly workload: Workload;
  readonly rows: readonly Row[];
  readonly result: WorkloadResult;
}

export interface Report {
  readonly command: string;
  readonly date: string;
  readonly minutes: string;
  readonly machine: Machine;
  readonly engines: readonly EngineFacts[];
  readonly sections: readonly Section[];
}

/** Everything, the single rounds included. */
export function toJson({ sections, ...report }: Report): string {
  const workloads = sections.map(({ workload, rows, result }) => ({
    name: workload.name,
    title: workload.title,
    figures: workload.figures,
    outcomes: result.outcomes.map((outcome, i) => ({
      ...outcome,
      summary: rows[i]?.cells
        .filter((cell) => cell !== undefined)
        .map(({ figure, ...cell }) => ({ key: figure.key, ...cell })),
    })),
  }));
  return `${JSON.stringify({ ...report, workloads }, (_, value: unknown) => shorten(value), 2)}\n`;
}

/** More digits than a measurement has would only be noise. */
function shorten(value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(DIGITS)) : value;
}

/** Writes page, JSON and charts; to the repository's docs, or to a temporary folder. */
export async function writeReport(report: Report, isSaved: boolean): Promise<string> {
  const folder = isSaved ? join(ROOT, "docs") : await mkdtemp(join(tmpdir(), "bench-report-"));
  const charts = join(folder, "benchmarks");
  await mkdir(charts, { recursive: true });
  for (const { workload, rows } of report.sections) {
    const [figure] = workload.figures;
    const chart = figure && drawChart(workload.title, figure, rows);
    if (chart !== undefined) await writeFile(join(charts, `${workload.name}.svg`), chart);
  }
  const page = join(folder, "benchmarks.md");
  const data = join(charts, "results.json");
  await writeFile(page, toMarkdown(report, "benchmarks"));
  await writeFile(data, toJson(report));
  if (isSaved) await promisify(execFile)("npx", ["oxfmt", page, data], { cwd: ROOT });
  return page;
}

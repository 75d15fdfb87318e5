/** Tables, as Markdown: they read as well in a terminal. */
import type { Cell, Row } from "../summary.ts";
import type { Figure } from "../workload.ts";

/** What the workload is about, and then what it costs. */
export function formatTables(figures: readonly Figure[], rows: readonly Row[]): readonly string[] {
  const main = figures.filter(({ isCost = false }) => !isCost);
  const costs = figures.filter(({ isCost = false }) => isCost);
  return [main, costs]
    .filter((each) => each.length > 0 && rows.some(({ absent }) => absent === undefined))
    .map((each) => formatTable(each, rows));
}

function formatTable(figures: readonly Figure[], rows: readonly Row[]): string {
  const present = rows.filter(({ absent }) => absent === undefined);
  const columns = figures.filter((_, i) => present.some(({ cells }) => cells[i] !== undefined));
  const head = ["engine", "runs a round", ...columns.map(({ title }) => title)];
  const body = present.map((row) => [
    labelOf(row),
    row.size.toLocaleString("en"),
    ...columns.map((figure) => formatCell(row.cells.find((cell) => cell?.figure === figure))),
  ]);
  return alignTable([head, ...body]);
}

/** Why engines are not in the table; once, where it is the same in every arrangement. */
export function formatAbsent(rows: readonly Row[]): readonly string[] {
  const absent = rows.filter((row) => row.absent !== undefined);
  const lines = absent.map((row) => {
    const isEverywhere = rows.every(
      ({ engine, absent }) => engine !== row.engine || absent === row.absent,
    );
    return `- ${isEverywhere ? row.engine : labelOf(row)}: ${row.absent?.split("\n").join(" ")}`;
  });
  return [...new Set(lines)];
}

export function labelOf({ engine, variant }: Row): string {
  return variant === "" ? engine : `${engine}, ${variant}`;
}

/** The median, how far rounds lie from it, and how many times the floor's it is. */
function formatCell(cell: Cell | undefined): string {
  if (cell === undefined) return "–";
  const { median, spread, ratio } = cell;
  const around = spread >= 0.005 ? ` ±${Math.round(spread * 100)} %` : "";
  const times = ratio === undefined ? "" : ` (${formatNumber(ratio)}×)`;
  return `${formatNumber(median)}${around}${times}`;
}

/** Three digits that mean something. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || value === 0) return Math.round(value).toLocaleString("en");
  return value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** Numbers stand on the right; where there are none, everything stands on the left. */
export function alignTable(
  rows: readonly (readonly string[])[],
  side: "left" | "right" = "right",
): string {
  const [head = []] = rows;
  const widths = head.map((_, i) => Math.max(3, ...rows.map((row) => row[i]?.length ?? 0)));
  const isLeft = (column: number): boolean => column === 0 || side === "left";
  const pad = (cell: string, i: number): string =>
    isLeft(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  const line = (row: readonly string[]): string => `| ${row.map(pad).join(" | ")} |`;
  const rule = widths.map((width, i) =>
    isLeft(i) ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.slice(1).map(line)].join("\n");
}

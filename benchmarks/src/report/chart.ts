/** A bar for each engine, as SVG: the median, and a line from the lowest round to the highest. */
import { formatNumber, labelOf } from "./table.ts";
import type { Row } from "../summary.ts";
import type { Figure } from "../workload.ts";

const WIDTH = 760;
const BAR_HEIGHT = 20;
const GAP = 10;
const TOP = 46;
const LEFT = 190;
const RIGHT = 130;
const COLOURS = { ours: "#2563eb", floor: "#9ca3af", peer: "#c4b5a5" } as const;

export function drawChart(title: string, figure: Figure, rows: readonly Row[]): string | undefined {
  const bars = rows.flatMap((row) => {
    const cell = row.cells.find((each) => each?.figure === figure);
    return cell === undefined ? [] : [{ row, cell }];
  });
  if (bars.length === 0) return undefined;
  const most = Math.max(...bars.map(({ cell }) => cell.highest));
  const scale = (value: number): number =>
    most === 0 ? 0 : (Math.max(0, value) / most) * (WIDTH - LEFT - RIGHT);
  const height = TOP + bars.length * (BAR_HEIGHT + GAP) + GAP;
  const drawn = bars.map(({ row, cell }, i) => {
    const y = TOP + i * (BAR_HEIGHT + GAP);
    const middle = y + BAR_HEIGHT / 2;
    const end = LEFT + scale(cell.highest) + 8;
    return [
      text(LEFT - 8, middle, labelOf(row), "end"),
      `<rect x="${LEFT}" y="${y}" width="${round(scale(cell.median))}" height="${BAR_HEIGHT}" rx="2" fill="${colourOf(row)}"/>`,
      `<path d="M${round(LEFT + scale(cell.lowest))} ${middle}H${round(LEFT + scale(cell.highest))}" stroke="#111827" stroke-width="1.5"/>`,
      text(round(end), middle, formatNumber(cell.median), "start"),
    ].join("\n");
  });
  const hint = figure.better === undefined ? "" : ` (${figure.better} is better)`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#111827" role="img">`,
    `<title>${escape(title)}: ${escape(figure.title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" rx="6" fill="#ffffff"/>`,
    `<text x="16" y="28" font-weight="600">${escape(title)}: ${escape(figure.title)}${hint}</text>`,
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

function colourOf({ engine }: Row): string {
  if (engine === "ours") return COLOURS.ours;
  return engine.startsWith("floor") ? COLOURS.floor : COLOURS.peer;
}

function text(x: number, y: number, content: string, anchor: "start" | "end"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" dominant-baseline="central">${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Tables without borders: the first line says what the columns are. */
import { bold, cut, oneLine, toPlain, widthOf } from "./text.ts";
import type { Text } from "./text.ts";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Text;
  /** Is cut where a line would not fit. What people copy, such as an id, is not. */
  readonly isFlexible?: boolean;
}

const GAP = "  ";

const NARROWEST = 12;

export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): Text[] {
  const cells = rows.map((row) => columns.map(({ cell }) => inOneLine(cell(row))));
  const widths = fit(
    columns.map(({ title, isFlexible }, at) => ({
      isFlexible: isFlexible === true,
      width: Math.max(widthOf(title), ...cells.map((row) => widthOf(row[at] ?? ""))),
    })),
    width,
  );
  const lines = [columns.map(({ title }): Text => bold(title)), ...cells];
  return lines.map((line) => join(line, widths));
}

/** Pairs of a label and what is there to say, under each other. */
export function labels(pairs: readonly (readonly [label: string, value: Text])[]): Text[] {
  const width = Math.max(0, ...pairs.map(([label]) => widthOf(label)));
  return pairs.map(([label, value]) => [bold(pad(`${label}:`, width + 1)), GAP, value]);
}

export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

function inOneLine(cell: Text): Text {
  if (typeof cell === "string") return oneLine(cell);
  if ("style" in cell) return { style: cell.style, text: inOneLine(cell.text) };
  return cell.map(inOneLine);
}

/** Takes from the widest of those that may be cut, until all fit. */
function fit(
  columns: readonly { readonly isFlexible: boolean; readonly width: number }[],
  width: number,
): readonly number[] {
  const widths = columns.map((column) => column.width);
  const sum = (): number =>
    widths.reduce((total, each) => total + each, GAP.length * (widths.length - 1));
  for (let excess = sum() - width; excess > 0; excess = sum() - width) {
    const widest = Math.max(...columns.map(({ isFlexible }, at) => (isFlexible ? widths[at]! : 0)));
    if (widest <= NARROWEST) break;
    const at = columns.findIndex(({ isFlexible }, at) => isFlexible && widths[at] === widest);
    widths[at] = Math.max(NARROWEST, widest - excess);
  }
  return widths;
}

function join(cells: readonly Text[], widths: readonly number[]): Text {
  return cells.map((cell, at): Text => {
    const width = widths[at] ?? 0;
    const isLast = at === cells.length - 1;
    const shown = widthOf(cell) > width ? shorten(cell, width) : cell;
    return isLast ? shown : [shown, " ".repeat(Math.max(0, width - widthOf(shown))), GAP];
  });
}

function shorten(cell: Text, width: number): Text {
  if (typeof cell !== "string" && "style" in cell) {
    return { style: cell.style, text: shorten(cell.text, width) };
  }
  return cut(toPlain(cell), width);
}

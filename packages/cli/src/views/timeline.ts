/** When the steps of an instance ran, as bars under each other. */
import { pad } from "../table.ts";
import { cut, dim, oneLine, styled, widthOf } from "../text.ts";
import type { Style, Text } from "../text.ts";
import type { Span, SpanKind } from "./spans.ts";
import { durationWords } from "./words.ts";

export interface Bar {
  readonly label: string;
  readonly spans: readonly Span[];
}

const LOOKS: Readonly<Record<SpanKind, readonly [mark: string, style: Style]>> = {
  running: ["▓", "blue"],
  done: ["█", "green"],
  failed: ["█", "red"],
  undone: ["█", "yellow"],
  waiting: ["░", "cyan"],
  retrying: ["·", "yellow"],
};

const WIDEST = 120;

const LABEL_LIMIT = 28;

const SHORTEST_BAR = 10;

export function timeline(bars: readonly Bar[], width: number): Text[] {
  const drawn = bars.filter(({ spans }) => spans.length > 0);
  if (drawn.length === 0) return [];
  const from = Math.min(...drawn.flatMap(({ spans }) => spans.map(({ start }) => start)));
  const to = Math.max(...drawn.flatMap(({ spans }) => spans.map(({ end }) => end)));
  const labels = drawn.map(({ label }) => cut(oneLine(label), LABEL_LIMIT));
  const labelWidth = Math.max(...labels.map(widthOf));
  const cells = Math.max(SHORTEST_BAR, Math.min(width, WIDEST) - labelWidth - 2);
  const scale: Scale = { from, length: Math.max(1, to - from), cells };
  const total = durationWords(to - from);
  const axis = `0${"─".repeat(Math.max(1, cells - 1 - total.length))}${total}`;
  return [
    dim(`${" ".repeat(labelWidth + 2)}${axis}`),
    ...drawn.map(({ spans }, at): Text => [
      pad(labels[at] ?? "", labelWidth + 2),
      draw(spans, scale),
    ]),
  ];
}

interface Scale {
  readonly from: number;
  /** In ms. */
  readonly length: number;
  readonly cells: number;
}

function draw(spans: readonly Span[], scale: Scale): Text {
  const line: (SpanKind | undefined)[] = Array.from({ length: scale.cells });
  for (const { kind, start, end } of spans) {
    const first = Math.min(scale.cells - 1, cellOf(start, scale));
    // However short it was, it is seen.
    const last = Math.max(first + 1, Math.min(scale.cells, cellOf(end, scale)));
    line.fill(kind, first, last);
  }
  return runsOf(line).map(({ kind, length }): Text => {
    if (kind === undefined) return " ".repeat(length);
    const [mark, style] = LOOKS[kind];
    return styled(style, mark.repeat(length));
  });
}

function cellOf(at: number, { from, length, cells }: Scale): number {
  return Math.round(((at - from) / length) * cells);
}

interface CellRun {
  readonly kind: SpanKind | undefined;
  length: number;
}

/** Without what is empty at the end. */
function runsOf(line: readonly (SpanKind | undefined)[]): readonly CellRun[] {
  const runs: CellRun[] = [];
  for (const kind of line) {
    const last = runs.at(-1);
    if (last && last.kind === kind) last.length++;
    else runs.push({ kind, length: 1 });
  }
  return runs.at(-1)?.kind === undefined ? runs.slice(0, -1) : runs;
}

/** What the rounds of a workload come down to: medians, spreads, and ratios to the floor. */
import type { Outcome, WorkloadResult } from "./bench.ts";
import { median, spread } from "./measure.ts";
import type { Figure } from "./workload.ts";

export interface Cell {
  readonly figure: Figure;
  readonly median: number;
  /** Half of the range, as a share of the median. */
  readonly spread: number;
  readonly lowest: number;
  readonly highest: number;
  /** The median over the floor's. */
  readonly ratio: number | undefined;
}

export interface Row {
  readonly engine: string;
  readonly variant: string;
  readonly size: number;
  readonly rounds: number;
  readonly cells: readonly (Cell | undefined)[];
  readonly absent?: string;
}

/** The first of these that has the figure is what others are compared with. */
const FLOORS = ["floor", "floor-chain"];

export function summarize({ workload, outcomes }: WorkloadResult): readonly Row[] {
  return outcomes.map((outcome) => ({
    engine: outcome.engine,
    variant: outcome.variant,
    size: outcome.size,
    rounds: outcome.samples.length,
    cells: workload.figures.map((figure) => toCell(figure, outcome, outcomes)),
    ...(outcome.absent !== undefined && { absent: outcome.absent }),
  }));
}

function toCell(figure: Figure, outcome: Outcome, all: readonly Outcome[]): Cell | undefined {
  const values = valuesOf(outcome, figure);
  if (values.length === 0) return undefined;
  const middle = median(values);
  return {
    figure,
    median: middle,
    spread: spread(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    ratio: figure.isAbsolute ? undefined : ratioOf(middle, floorOf(figure, outcome, all)),
  };
}

/** The floor's values in the same arrangement. */
function floorOf(figure: Figure, { variant }: Outcome, all: readonly Outcome[]): readonly number[] {
  for (const engine of FLOORS) {
    const floor = all.find((each) => each.engine === engine && each.variant === variant);
    const values = floor === undefined ? [] : valuesOf(floor, figure);
    if (values.length > 0) return values;
  }
  return [];
}

function ratioOf(value: number, floor: readonly number[]): number | undefined {
  if (floor.length === 0 || value <= 0 || median(floor) <= 0) return undefined;
  return value / median(floor);
}

function valuesOf({ samples, absent }: Outcome, { key }: Figure): readonly number[] {
  if (absent !== undefined) return [];
  return samples.map((sample) => sample[key]).filter((value) => value !== undefined);
}

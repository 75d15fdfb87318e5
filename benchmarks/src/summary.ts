/** What the rounds of a workload come down to: medians, spreads, and ratios to the floor. */
import type { Outcome, WorkloadResult } from "./bench.ts";
import { median, spread } from "./measure.ts";
import type { Figure } from "./workload.ts";

export interface Cell {
  readonly figure: Figure;
  readonly median: number;
  /** Half of the range, as a share of the median. */
  readonly spread: number;
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
  const floor = FLOORS.map((engine) =>
    all.find((each) => each.engine === engine && each.variant === outcome.variant),
  )
    .map((each) => (each ? valuesOf(each, figure) : []))
    .find((floorValues) => floorValues.length > 0);
  return {
    figure,
    median: middle,
    spread: spread(values),
    ratio: floor === undefined || median(floor) === 0 ? undefined : middle / median(floor),
  };
}

function valuesOf({ samples, absent }: Outcome, { key }: Figure): readonly number[] {
  if (absent !== undefined) return [];
  return samples.map((sample) => sample[key]).filter((value) => value !== undefined);
}

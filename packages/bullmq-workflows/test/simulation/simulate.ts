/** Plays random schedules until one fails, makes that one as small as it gets, and reports it. */
import * as fc from "fast-check";
import { lossSchedule, schedule } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";
import { Simulation } from "./simulation.ts";
import { addStatistics, newStatistics } from "./statistics.ts";
import type { Statistics } from "./statistics.ts";

/** How much of a long report anybody reads. */
const VIOLATION_LIMIT = 5;
const LOG_LIMIT = 30;

export interface SimulateOptions {
  readonly runs: number;
  readonly seed: number;
  /** Plays one known schedule: the path that a failure was reported with. */
  readonly path?: string;
  /** Plays schedules in which the store goes back in time, too. */
  readonly losses?: boolean;
}

export interface Verdict {
  /** Schedules that were played, the shrinking of a failed one left out. */
  readonly runs: number;
  readonly statistics: Statistics;
  /** What went wrong and how to see it again; `undefined` if nothing did. */
  readonly failure: string | undefined;
}

export async function simulate({ runs, seed, path, losses }: SimulateOptions): Promise<Verdict> {
  const statistics = newStatistics();
  const property = fc.asyncProperty(losses ? lossSchedule : schedule, async (played) => {
    const report = await play(played, statistics);
    if (report !== undefined) throw new Error(report);
  });
  const { stackTraceLimit } = Error;
  // Thrown errors are stored with their stack, which here would be most of the work.
  Error.stackTraceLimit = 0;
  try {
    const options = path === undefined ? {} : { path, endOnFailure: true };
    const details = await fc.check(property, { numRuns: runs, seed, ...options });
    return {
      runs: details.numRuns,
      statistics,
      failure: details.failed ? describeFailure(details, losses) : undefined,
    };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

export function describeVerdict({ seed }: SimulateOptions, { statistics }: Verdict): string {
  const facts = Object.entries(statistics).map(([name, count]) => `${name}: ${count}`);
  return `simulation with seed ${seed}: ${facts.join(", ")}`;
}

async function play(played: Schedule, statistics: Statistics): Promise<string | undefined> {
  const simulation = new Simulation(played);
  const violations = await simulation.play();
  addStatistics(statistics, { ...simulation.statistics, schedules: 1 });
  if (violations.length === 0) return undefined;
  return [
    ...violations.slice(0, VIOLATION_LIMIT),
    `\n${simulation.describe()}\n`,
    ...simulation.logs.slice(-LOG_LIMIT),
  ].join("\n");
}

function describeFailure(details: fc.RunDetails<[Schedule]>, losses = false): string {
  const { seed, counterexamplePath, counterexample, errorInstance } = details;
  return [
    `Again: npm run simulate -- --seed ${seed} --path ${counterexamplePath}${losses ? " --losses" : ""}`,
    String(errorInstance instanceof Error ? errorInstance.message : errorInstance),
    JSON.stringify(counterexample?.[0], undefined, 2),
  ].join("\n\n");
}

/** All scenarios, one after another, in the time there is. */
import type { Fault } from "./faults/fault.ts";
import { FAULTS } from "./faults/index.ts";
import { describeResult } from "./report.ts";
import { runScenario } from "./scenario.ts";
import type { ScenarioOptions, ScenarioResult } from "./scenario.ts";
import { SETUPS } from "./setups/setup.ts";
import type { SetupName } from "./setups/setup.ts";

export interface SuiteOptions {
  readonly minutes: number;
  readonly seed: string;
  /** Names of faults; all when absent. */
  readonly only?: readonly string[];
  /** Names of setups; all that have one of the faults when absent. */
  readonly setups?: readonly string[];
  readonly keep?: boolean;
}

export interface SuitePlan {
  readonly options: SuiteOptions;
  readonly scenarios: readonly ScenarioOptions[];
}

export interface SuiteReport {
  readonly options: SuiteOptions;
  readonly results: readonly ScenarioResult[];
}

/** The engine's own defaults: the bounds that are promised hold for them. */
const DEFAULTS = { workers: 3, perSecond: 12, leaseMs: 10_000, sweepMs: 1_000 } as const;

/** @throws RangeError for what does not exist or has nothing to do with another choice, and for no time. */
export function planSuite(options: SuiteOptions): SuitePlan {
  const faults = choose("fault", FAULTS, options.only);
  const setups = choose(
    "setup",
    SETUPS.map((name) => ({ name })),
    options.setups,
  );
  const chosen = setups
    .map(({ name }) => ({ name, faults: faults.filter((fault) => fault.setups.includes(name)) }))
    .filter(({ faults }) => faults.length > 0);
  checkMatches(faults, setups, options);
  if (!(options.minutes > 0)) throw new RangeError(`Expected some minutes, got ${options.minutes}`);
  const weight = chosen.reduce((sum, { faults }) => sum + faults.length, 0);
  const scenarios = chosen.map(({ name, faults }) => ({
    ...DEFAULTS,
    setup: name,
    faults,
    seed: options.seed,
    forMs: (options.minutes * 60_000 * faults.length) / weight,
    keep: options.keep ?? false,
  }));
  return { options, scenarios };
}

export async function runSuite(
  { options, scenarios }: SuitePlan,
  say: (line: string) => void,
): Promise<SuiteReport> {
  const results: ScenarioResult[] = [];
  say(`seed ${options.seed}`);
  for (const scenario of scenarios) {
    const result = await runScenario(scenario);
    results.push(result);
    say(describeResult(result));
  }
  return { options, results };
}

/** Whatever was asked for by name and would not be played is a mistake, not a run without findings. */
function checkMatches(
  faults: readonly Fault[],
  setups: readonly { readonly name: SetupName }[],
  { only, setups: named }: SuiteOptions,
): void {
  const idle = faults.find((fault) => !setups.some(({ name }) => fault.setups.includes(name)));
  if (only && idle) {
    throw new RangeError(
      `The fault "${idle.name}" strikes on none of these setups, but on ${idle.setups.join(", ")}`,
    );
  }
  const calm = setups.find(({ name }) => !faults.some((fault) => fault.setups.includes(name)));
  if (named && calm)
    throw new RangeError(`None of these faults strikes on the setup "${calm.name}"`);
}

function choose<Item extends { readonly name: string }>(
  what: string,
  items: readonly Item[],
  names: readonly string[] | undefined,
): readonly Item[] {
  const unknown = names?.find((name) => items.every((item) => item.name !== name));
  if (unknown !== undefined) {
    const known = items.map(({ name }) => name).join(", ");
    throw new RangeError(`There is no ${what} "${unknown}", but ${known}`);
  }
  return names ? items.filter(({ name }) => names.includes(name)) : items;
}

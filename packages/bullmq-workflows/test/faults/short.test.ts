/** The suite as far as a test run has time for it. A failure prints the seed and keeps ledgers and logs. */
import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { FAULTS } from "./faults/index.ts";
import { describeResult } from "./report.ts";
import { runScenario } from "./scenario.ts";
import { SETUPS } from "./setups/setup.ts";
import type { SetupName } from "./setups/setup.ts";

/** Short enough that a dead worker's instances go on within seconds. */
const SHORT = { workers: 2, perSecond: 8, leaseMs: 2_000, sweepMs: 200, forMs: 9_000 } as const;

/** On these nothing is lost, and so nothing may go wrong at all. */
const DURABLE: readonly SetupName[] = ["always", "everysec", "no", "sentinel", "cluster"];

/** Those that take longer than there is time. */
const LONG = new Set(["connection-half-open"]);

const randomSeed = String(randomInt(1_000_000));
const randomSetup = DURABLE[randomInt(DURABLE.length)] ?? "always";

test.each([
  ["everysec", "1"],
  [randomSetup, randomSeed],
] as const)("nothing goes wrong on %s with seed %s", { timeout: 120_000 }, async (setup, seed) => {
  console.log(`npm run chaos -- --setup ${setup} --seed ${seed}`);
  const faults = FAULTS.filter(({ name, setups }) => setups.includes(setup) && !LONG.has(name));

  const result = await runScenario({ ...SHORT, setup, faults, seed });

  expect(result.verdict.violations, describeResult(result)).toEqual([]);
  expect(result.instanceCount).toBeGreaterThan(20);
});

test("every setup has a fault", () => {
  const struck = new Set(FAULTS.flatMap(({ setups }) => setups));

  expect(struck).toEqual(new Set(SETUPS));
});

import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { describeVerdict, simulate } from "./simulate.ts";

const RUNS = 1_500;

// One seed that is the same in every run, and one of this run: the verdict has it, and how to see it again.
test.each([1, randomInt(0x7fffffff)])(
  "what a store has lost is never repeated in silence, in 1500 random schedules from seed %i",
  { timeout: 300_000 },
  async (seed) => {
    const options = { runs: RUNS, seed, losses: true };

    const verdict = await simulate(options);

    process.stdout.write(`${describeVerdict(options, verdict)}\n`);
    expect(verdict.failure).toBeUndefined();
    expect(verdict.statistics.restored).toBeGreaterThan(0);
  },
);

import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { describeVerdict, simulate } from "./simulate.ts";

const SEED = randomInt(0x7fffffff);
const RUNS = 10_000;

test(
  "10000 random schedules from a seed of this run keep every invariant",
  { timeout: 300_000 },
  async () => {
    const options = { runs: RUNS, seed: SEED };

    const verdict = await simulate(options);

    process.stdout.write(`${describeVerdict(options, verdict)}\n`);
    expect(verdict.failure).toBeUndefined();
    expect(verdict.statistics.schedules).toBe(RUNS);
  },
);

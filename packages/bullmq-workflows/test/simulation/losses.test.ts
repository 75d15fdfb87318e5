/** Other seeds: `npm run simulate -- --losses --runs 10000 --seed S`. */
import { expect, test } from "vitest";
import { describeVerdict, simulate } from "./simulate.ts";

const SEED = 1;
const RUNS = 3_000;

test(
  "what a store has lost is never repeated in silence, in 3000 random schedules",
  { timeout: 300_000 },
  async () => {
    const options = { runs: RUNS, seed: SEED, losses: true };

    const verdict = await simulate(options);

    process.stdout.write(`${describeVerdict(options, verdict)}\n`);
    expect(verdict.failure).toBeUndefined();
    expect(verdict.statistics.restored).toBeGreaterThan(0);
  },
);

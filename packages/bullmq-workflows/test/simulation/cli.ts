/** `npm run simulate -- [--runs N] [--seed S] [--path P] [--losses]`: more schedules than a test run has time for. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { describeVerdict, simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    seed: { type: "string", default: String(randomInt(0x7fffffff)) },
    path: { type: "string" },
    losses: { type: "boolean", default: false },
  },
});
const options = {
  runs: Number(values.runs),
  seed: Number(values.seed),
  losses: values.losses,
  ...(values.path !== undefined && { path: values.path }),
};
if (!(options.runs > 0) || !Number.isInteger(options.seed)) {
  throw new RangeError("Expected --runs to be a number above 0 and --seed to be an integer");
}
const startedAt = performance.now();
process.stdout.write(`simulating ${options.runs} schedules with seed ${options.seed}\n`);
const verdict = await simulate(options);
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
process.stdout.write(`${describeVerdict(options, verdict)}, ${seconds} s\n`);
if (verdict.failure !== undefined) {
  process.stdout.write(`\n${verdict.failure}\n`);
  process.exitCode = 1;
}

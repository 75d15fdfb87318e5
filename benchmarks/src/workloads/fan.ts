import { quantile } from "../measure.ts";
import type { Session } from "../session.ts";
import { COST_FIGURES, costsOf, expectOutputs } from "../workload.ts";
import type { Workload } from "../workload.ts";

const BRANCHES = 100;
const WARM_UP = 10;
const LEAST = 5;
const MOST = 100;

export const fan: Workload = {
  name: "fan",
  title: `${BRANCHES} steps in parallel`,
  about:
    `One workflow at a time begins ${BRANCHES} trivial steps at once and ends when all have: from start to result. ` +
    "The floor's figures are of one empty job.",
  program: "fan",
  figures: [
    { key: "p50", title: "p50 ms", better: "less" },
    { key: "p99", title: "p99 ms", better: "less" },
    ...COST_FIGURES,
  ],
  async prepare(session, { warmUpMs, roundMs }) {
    const from = performance.now();
    let runs = 0;
    do {
      await run(session, WARM_UP);
      runs += WARM_UP;
    } while (performance.now() - from < warmUpMs);
    const eachMs = (performance.now() - from) / runs;
    return Math.round(Math.min(Math.max(roundMs / eachMs, LEAST), MOST));
  },
  async measure(session, size) {
    const { costs, value } = await session.cost(async () => await run(session, size));
    return { p50: quantile(value, 0.5), p99: quantile(value, 0.99), ...costsOf(costs, size) };
  },
};

async function run(session: Session, runs: number): Promise<readonly number[]> {
  const group = session.group({ name: "fan", count: BRANCHES, ms: 0 }, runs);
  const { latencies, outputs } = await session.lone(group);
  if (session.engine !== "floor") expectOutputs(outputs, BRANCHES);
  return latencies;
}

import { quantile } from "../measure.ts";
import type { Session } from "../session.ts";
import { COST_FIGURES, costsOf } from "../workload.ts";
import type { Workload } from "../workload.ts";

const FEW = 3;
const MANY = 50;
const WARM_UP_RUNS = 200;
const LEAST = 10;
const MOST = 500;

export const lone: Workload = {
  name: "lone",
  title: "A workflow alone, from start to result",
  about:
    `One workflow at a time: a client starts it and waits for its result, and only then starts the next. ` +
    `With ${FEW} and with ${MANY} steps; the cost of one further step is the difference of the medians. ` +
    `CPU and commands are those of the ${FEW} steps.`,
  program: "steps",
  figures: [
    { key: "p50", title: `p50 ms, ${FEW} steps`, better: "less" },
    { key: "p99", title: `p99 ms, ${FEW} steps`, better: "less" },
    { key: "p50Many", title: `p50 ms, ${MANY} steps`, better: "less" },
    { key: "p99Many", title: `p99 ms, ${MANY} steps`, better: "less" },
    { key: "furtherStep", title: "p50 ms, a further step", better: "less" },
    ...COST_FIGURES,
  ],
  async prepare(session, { warmUpMs, roundMs }) {
    const from = performance.now();
    let runs = 0;
    while (performance.now() - from < warmUpMs && runs < WARM_UP_RUNS * 10) {
      await latencies(session, FEW, LEAST);
      runs += LEAST;
    }
    await latencies(session, MANY, 3);
    const eachMs = (performance.now() - from) / runs;
    return Math.round(Math.min(Math.max(roundMs / 2 / eachMs, LEAST), MOST));
  },
  async measure(session, size) {
    const { costs, value: few } = await session.cost(
      async () => await latencies(session, FEW, size),
    );
    // However many steps there are, the floor is one job.
    if (session.engine === "floor") {
      return { p50: quantile(few, 0.5), p99: quantile(few, 0.99), ...costsOf(costs, size) };
    }
    const many = await latencies(session, MANY, Math.max(LEAST, Math.round(size / 5)));
    return {
      p50: quantile(few, 0.5),
      p99: quantile(few, 0.99),
      p50Many: quantile(many, 0.5),
      p99Many: quantile(many, 0.99),
      furtherStep: (quantile(many, 0.5) - quantile(few, 0.5)) / (MANY - FEW),
      ...costsOf(costs, size),
    };
  },
};

async function latencies(
  session: Session,
  steps: number,
  runs: number,
): Promise<readonly number[]> {
  const group = session.group({ name: "steps", count: steps, ms: 0 }, runs);
  return (await session.lone(group)).latencies;
}

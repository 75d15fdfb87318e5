import { COST_FIGURES, costsOf, expectOutputs, runAll, warmUp } from "../workload.ts";
import type { Workload } from "../workload.ts";

const PROGRAM = { name: "steps", count: 3, ms: 0 } as const;
const OUTPUT = 6;
const CHECKED = 20;

export const steps: Workload = {
  name: "steps",
  title: "Three trivial steps, many at once",
  about:
    "One process creates as many workflows as it can, in batches where the engine has them, while one " +
    "worker process runs them. Throughput is from the first call until the last workflow ended.",
  program: "steps",
  figures: [{ key: "perSecond", title: "workflows/s", better: "more" }, ...COST_FIGURES],
  prepare: async (session, scale) => await warmUp(session, PROGRAM, scale),
  async measure(session, size) {
    const group = session.group(PROGRAM, size);
    const { costs, value } = await session.cost(async () => await runAll(session, group));
    const outputs = await session.results(group, CHECKED);
    if (!session.engine.startsWith("floor")) expectOutputs(outputs, OUTPUT);
    return { perSecond: (size / value.ms) * 1_000, ...costsOf(costs, size) };
  },
};

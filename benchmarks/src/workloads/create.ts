import { COST_FIGURES, costsOf } from "../workload.ts";
import type { Workload } from "../workload.ts";

const PROGRAM = { name: "steps", count: 3, ms: 0 } as const;
const FIRST_TRY = 500;
/** There is none. */
const WORKERS = ["cpuMs", "workerCpuMs", "workerMb"];
const MOST = 20_000;

export const create: Workload = {
  name: "create",
  title: "Creating workflows in batches",
  about:
    "One process creates workflows with a small payload as fast as it can, in the engine's own batches of " +
    "at most 100, or in single calls of which 50 are under way where it has none. No worker runs.",
  program: "steps",
  workers: 0,
  figures: [
    { key: "perSecond", title: "workflows/s", better: "more" },
    ...COST_FIGURES.filter(({ key }) => !WORKERS.includes(key)),
  ],
  async prepare(session, { roundMs }) {
    await session.start(session.group(PROGRAM, FIRST_TRY));
    const { from, to } = await session.start(session.group(PROGRAM, FIRST_TRY));
    return Math.round(Math.min((FIRST_TRY / (to - from)) * roundMs, MOST));
  },
  async measure(session, size) {
    const group = session.group(PROGRAM, size);
    const { costs, value } = await session.cost(async () => await session.start(group));
    return { perSecond: (size / (value.to - value.from)) * 1_000, ...costsOf(costs, size) };
  },
};

import type { Session } from "../session.ts";
import { costsOf, EACH_COST_FIGURES } from "../workload.ts";
import type { Workload } from "../workload.ts";

const STEPS = 10_000;
const QUICK_STEPS = 1_000;
/** An engine that would take longer for all of them takes the few. */
const PATIENCE_MS = 30_000;

export const long: Workload = {
  name: "long",
  title: "The cost of a step, by how many came before",
  about:
    `One workflow of ${STEPS.toLocaleString("en")} steps (${QUICK_STEPS.toLocaleString("en")} when quick), one ` +
    "after the other, timed within the workflow: what a step takes around the 10th, the 1,000th and the " +
    "10,000th, each the mean of 100 (not for the floor, whose jobs have no common clock). Growth is the last of them over the first; costs are per step.",
  program: "timed",
  mostRounds: 2,
  figures: [
    { key: "stepMs", title: "ms per step, over all", better: "less" },
    { key: "at10", title: "ms around the 10th", better: "less" },
    { key: "at1000", title: "ms around the 1,000th", better: "less" },
    { key: "at10000", title: "ms around the 10,000th", better: "less" },
    { key: "growth", title: "growth", better: "less", isAbsolute: true },
    ...EACH_COST_FIGURES,
  ],
  async prepare(session, { isQuick }) {
    const { ms } = await run(session, QUICK_STEPS);
    const isSlow = (ms / QUICK_STEPS) * STEPS > PATIENCE_MS;
    return isQuick || isSlow ? QUICK_STEPS : STEPS;
  },
  async measure(session, size) {
    const { costs, value } = await session.cost(async () => await run(session, size));
    const { windows, ms } = value;
    const at = Object.values(windows);
    return {
      stepMs: ms / size,
      at10: windows["10"],
      at1000: windows["1000"],
      at10000: windows["10000"],
      growth: at.length > 1 ? (at.at(-1) ?? 0) / (at[0] ?? 1) : undefined,
      ...costsOf(costs, size),
    };
  },
};

async function run(
  session: Session,
  count: number,
): Promise<{ windows: Record<string, number>; ms: number }> {
  const { latencies, outputs } = await session.lone(
    session.group({ name: "timed", count, ms: 0 }, 1),
  );
  return {
    windows: (outputs[0] ?? {}) as Record<string, number>,
    ms: latencies[0] ?? Number.NaN,
  };
}

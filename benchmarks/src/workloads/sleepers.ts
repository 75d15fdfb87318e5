import { quantile } from "../measure.ts";
import { COST_FIGURES, costsOf, warmUp } from "../workload.ts";
import type { Workload } from "../workload.ts";

const SLEEP_MS = 2_000;
const MOST = 5_000;
const QUICK_MOST = 500;
/** As many as can be started in this time: a slow engine gets fewer, not a queue that hides its timers. */
const STARTED_WITHIN_MS = 4_000;

export const sleepers: Workload = {
  name: "sleepers",
  title: "Sleepers, and how late they wake",
  about:
    `Up to ${MOST.toLocaleString("en")} workflows at once: a step, a sleep of ${SLEEP_MS / 1_000} s, a step. Late is the ` +
    "time between the instant at which the sleep should have ended and the second step's callback.",
  program: "sleeper",
  figures: [
    { key: "lateP50", title: "late by, p50 ms", better: "less" },
    { key: "lateP99", title: "late by, p99 ms", better: "less" },
    { key: "lateMax", title: "late by, at most ms", better: "less" },
    { key: "early", title: "woken early", better: "less", isAbsolute: true },
    ...COST_FIGURES,
  ],
  async prepare(session, scale) {
    const program = { name: "sleeper", count: 1, ms: 10 } as const;
    const size = await warmUp(session, program, { ...scale, roundMs: STARTED_WITHIN_MS });
    return Math.min(size, scale.isQuick ? QUICK_MOST : MOST);
  },
  async measure(session, size) {
    const group = session.group({ name: "sleeper", count: 1, ms: SLEEP_MS }, size);
    const { costs, value: woken } = await session.cost(async () => {
      await session.start(group);
      await session.untilMarked(group, "ended");
      return await session.marked(group, "woken");
    });
    const late = woken.map(({ value }) => value);
    return {
      lateP50: quantile(late, 0.5),
      lateP99: quantile(late, 0.99),
      lateMax: quantile(late, 1),
      early: late.filter((ms) => ms < 0).length,
      ...costsOf(costs, size),
    };
  },
};

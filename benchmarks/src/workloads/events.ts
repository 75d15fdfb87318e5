import { COST_FIGURES, costsOf, lastOf, warmUp } from "../workload.ts";
import type { Workload } from "../workload.ts";
import type { Session } from "../session.ts";

const PROGRAM = { name: "waiter", count: 1, ms: 0 } as const;
const MOST = 2_000;
const QUICK_MOST = 300;
const WARM_UP = 100;
const STARTED_WITHIN_MS = 2_500;

export const events: Workload = {
  name: "events",
  title: "Waiting for an event, then all events at once",
  about:
    `Up to ${MOST.toLocaleString("en")} workflows take a step and wait for an event. When all of them wait, each is sent ` +
    "one, and takes another step. Throughput is from the first event until the last workflow ended; " +
    "costs are of that part alone.",
  program: "waiter",
  figures: [{ key: "perSecond", title: "events/s", better: "more" }, ...COST_FIGURES],
  async prepare(session, scale) {
    await round(session, WARM_UP);
    const steps = { name: "steps", count: 2, ms: 0 } as const;
    const size = await warmUp(session, steps, { ...scale, roundMs: STARTED_WITHIN_MS });
    return Math.min(size, scale.isQuick ? QUICK_MOST : MOST);
  },
  async measure(session, size) {
    const { ms, costs } = await round(session, size);
    return { perSecond: (size / ms) * 1_000, ...costsOf(costs, size) };
  },
};

async function round(session: Session, size: number) {
  const group = session.group(PROGRAM, size);
  await session.start(group);
  await session.untilMarked(group, "waiting");
  // A mark is made before the wait is recorded.
  await session.untilQuiet();
  const { costs, value: ms } = await session.cost(async () => {
    const { from } = await session.send(group, 1);
    return lastOf(await session.untilMarked(group, "ended")) - from;
  });
  return { costs, ms };
}

import { quantile } from "../measure.ts";
import type { Workload } from "../workload.ts";

const RUNS = 50;
const STEPS = 8;
const STEP_MS = 250;

export const recovery: Workload = {
  name: "recovery",
  title: "Going on after kill -9",
  about:
    `${RUNS} workflows are in the middle of steps of ${STEP_MS} ms when their worker process is killed, and another one is ` +
    "started at once. Measured from the kill until each workflow runs a step again, the start of the new " +
    "process included.",
  program: "slow",
  mostRounds: 2,
  // BullMQ looks for stalled jobs every 10 s, and acts when it has found one the second time.
  leftOutWhenQuick: ["floor", "openworkflow-postgres", "openworkflow-sqlite"],
  figures: [
    { key: "p50", title: "running again after, p50 s", better: "less" },
    { key: "max", title: "at most s", better: "less" },
  ],
  async prepare(session) {
    const group = session.group({ name: "slow", count: 1, ms: 1 }, RUNS);
    await session.start(group);
    await session.untilMarked(group, "ended");
    return RUNS;
  },
  async measure(session, size) {
    const group = session.group({ name: "slow", count: STEPS, ms: STEP_MS }, size);
    await session.start(group);
    await session.untilMarked(group, "begun");
    const killedAt = session.killWorker();
    await session.addWorker();
    const again = await session.untilMarked(group, "begun");
    await session.untilMarked(group, "ended");
    const seconds = again.map(({ at }) => (at - killedAt) / 1_000);
    return { p50: quantile(seconds, 0.5), max: quantile(seconds, 1) };
  },
};

import { quantile } from "../measure.ts";
import type { Session } from "../session.ts";
import { warmUp } from "../workload.ts";
import type { Workload } from "../workload.ts";

const PARKED = 1_000_000;
const QUICK_PARKED = 50_000;
/** In portions, so that what waits to be run does not fill Redis beside what is parked. */
const PORTION = 10_000;
const PORTION_WITHIN_MS = 300_000;
const PATIENCE_MINUTES = 45;
const FAR_MS = 86_400_000;
const WOKEN = 1_000;
const WOKEN_AFTER_MS = 2_000;

export const parked: Workload = {
  name: "parked",
  title: "A million parked workflows",
  about:
    `${PARKED.toLocaleString("en")} workflows (${QUICK_PARKED.toLocaleString("en")} when quick) take a step and sleep for a day. Memory is what ` +
    `Redis uses more than before, by workflow. Among them ${WOKEN.toLocaleString("en")} others sleep for ` +
    `${WOKEN_AFTER_MS / 1_000} s: how late they wake.`,
  program: "sleeper",
  isHuge: true,
  mostRounds: 1,
  figures: [
    { key: "bytes", title: "Redis bytes each", better: "less" },
    { key: "perSecond", title: "parked/s", better: "more" },
    { key: "lateP50", title: "late by, p50 ms", better: "less" },
    { key: "lateP99", title: "late by, p99 ms", better: "less" },
    { key: "lateMax", title: "late by, at most ms", better: "less" },
    { key: "workerMb", title: "worker memory, MB", better: "less" },
  ],
  async prepare(session, scale) {
    const size = scale.isQuick ? QUICK_PARKED : PARKED;
    const program = { name: "sleeper", count: 1, ms: 10 } as const;
    const inASecond = await warmUp(session, program, { ...scale, roundMs: 1_000 });
    const minutes = Math.round(size / inASecond / 60);
    if (minutes > PATIENCE_MINUTES) throw new Error(`it would take ${minutes} minutes`);
    return size;
  },
  async measure(session, size) {
    const from = performance.now();
    const { costs } = await session.cost(async () => await park(session, size));
    const ms = performance.now() - from;
    const late = await wakeSome(session);
    return {
      bytes: costs.redis && costs.redis.memoryBytes / size,
      perSecond: (size / ms) * 1_000,
      lateP50: quantile(late, 0.5),
      lateP99: quantile(late, 0.99),
      lateMax: quantile(late, 1),
      workerMb: costs.workerBytes / 1e6,
    };
  },
};

async function park(session: Session, size: number): Promise<void> {
  for (let done = 0; done < size; done += PORTION) {
    const count = Math.min(PORTION, size - done);
    const group = session.group({ name: "sleeper", count: 1, ms: FAR_MS }, count);
    await session.start(group);
    await session.untilMarked(group, "waiting", PORTION_WITHIN_MS);
    await session.clearMarks();
  }
}

async function wakeSome(session: Session): Promise<readonly number[]> {
  const group = session.group({ name: "sleeper", count: 1, ms: WOKEN_AFTER_MS }, WOKEN);
  await session.start(group);
  const woken = await session.untilMarked(group, "woken", PORTION_WITHIN_MS);
  return woken.map(({ value }) => value);
}

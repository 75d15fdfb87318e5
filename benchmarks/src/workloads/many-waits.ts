import type { Group } from "../agents/client.ts";
import type { Session } from "../session.ts";
import { costsOf, EACH_COST_FIGURES, runAll } from "../workload.ts";
import type { Workload } from "../workload.ts";

const MANY = 1_000;
const QUICK_MANY = 120;
const WARM_UP = 20;
/** An engine that would take longer for all of them takes fewer. */
const PATIENCE_MS = 10_000;
const WINDOW = 50;
const NAP_MS = 1;

export const naps: Workload = {
  name: "naps",
  title: `${MANY.toLocaleString("en")} sleeps in one workflow`,
  about:
    `One workflow sleeps ${MANY.toLocaleString("en")} times (${QUICK_MANY} when quick, fewer too where that takes over ${PATIENCE_MS / 1_000} s) for ${NAP_MS} ms, one after the other. ` +
    `Growth is what the last ${WINDOW} took over what the first ${WINDOW} took: 1 when a sleep costs the same however ` +
    "many came before. Costs are per sleep.",
  program: "naps",
  figures: [
    { key: "eachMs", title: "ms per sleep", better: "less" },
    { key: "growth", title: "growth", better: "less", isAbsolute: true },
    ...EACH_COST_FIGURES,
  ],
  async prepare(session, { isQuick }) {
    const group = session.group({ name: "naps", count: WARM_UP, ms: NAP_MS }, 1);
    return sizeFor((await runAll(session, group)).ms, isQuick);
  },
  async measure(session, size) {
    const group = session.group({ name: "naps", count: size, ms: NAP_MS }, 1);
    const { costs, value } = await session.cost(async () => await runAll(session, group));
    return {
      eachMs: value.ms / size,
      growth: await growthOf(session, group),
      ...costsOf(costs, size),
    };
  },
};

export const inbox: Workload = {
  name: "inbox",
  title: `${MANY.toLocaleString("en")} events to one workflow`,
  about:
    `One workflow waits for ${MANY.toLocaleString("en")} events (${QUICK_MANY} when quick, fewer too where that takes over ${PATIENCE_MS / 1_000} s), one after the other, which are sent ` +
    "one after the other, the next when the engine has recorded the one before. Growth as above; costs are per event.",
  program: "inbox",
  figures: [
    { key: "eachMs", title: "ms per event", better: "less" },
    { key: "growth", title: "growth", better: "less", isAbsolute: true },
    ...EACH_COST_FIGURES,
  ],
  async prepare(session, { isQuick }) {
    const group = session.group({ name: "inbox", count: WARM_UP, ms: 0 }, 1);
    return sizeFor(await receive(session, group), isQuick);
  },
  async measure(session, size) {
    const group = session.group({ name: "inbox", count: size, ms: 0 }, 1);
    const { costs, value: ms } = await session.cost(async () => await receive(session, group));
    return {
      eachMs: ms / size,
      growth: await growthOf(session, group),
      ...costsOf(costs, size),
    };
  },
};

function sizeFor(warmUpMs: number, isQuick: boolean): number {
  if (isQuick) return QUICK_MANY;
  const fitting = Math.round(PATIENCE_MS / (warmUpMs / WARM_UP));
  return Math.min(MANY, Math.max(fitting, QUICK_MANY));
}

async function receive(session: Session, group: Group): Promise<number> {
  await session.start(group);
  await session.untilMarked(group, "waiting");
  await session.untilQuiet();
  const { from } = await session.send(group, group.program.count);
  const [ended] = await session.untilMarked(group, "ended");
  return (ended?.at ?? Number.NaN) - from;
}

/** Each wait left a mark, so that replays do not disturb the clock. */
async function growthOf(session: Session, group: Group): Promise<number> {
  const { count } = group.program;
  const at = async (i: number): Promise<number> => {
    const [marked] = await session.marked(group, `wait ${i}`);
    return marked?.at ?? Number.NaN;
  };
  const first = (await at(1 + WINDOW)) - (await at(1));
  const last = (await at(count)) - (await at(count - WINDOW));
  return last / first;
}

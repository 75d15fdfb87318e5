/** Evidence made by hand: a life as it should be, for tests to spoil. */
import type { Fact, Line } from "../ledger.ts";
import { check } from "./check.ts";
import type { Evidence, Expectation, StoredInstance, ViolationKind } from "./evidence.ts";

const INSTANCE = "one";

const EXPECTATION: Expectation = {
  end: "complete",
  napMs: 100,
  isPaused: false,
  events: { left: 2 },
};

/** Who wrote what when. The instance is filled in where a fact has none. */
export type Told = readonly [t: number, by: string, fact: DistributiveOmit<Fact, "instance">];

type DistributiveOmit<Member, Key extends string> = Member extends unknown
  ? Omit<Member, Key>
  : never;

export interface Scene {
  readonly told: readonly Told[];
  readonly history: StoredInstance["history"];
  readonly status: StoredInstance["status"];
  readonly output: unknown;
}

function entry(at: number, facts: Readonly<Record<string, unknown>>) {
  return { at, text: JSON.stringify(facts) };
}

const completed = (step: string, output: string) => ({
  type: "step_completed",
  step,
  attempt: 1,
  output,
});

const received = (count: number) => ({
  type: "wait_completed",
  step: `left-${count}`,
  eventType: "left",
  payload: { number: count, id: `left ${count}.1` },
});

/** Redis's clock is the ledger's plus 1,000 here. */
export const GOOD_HISTORY: Scene["history"] = [
  entry(1_010, completed("first-1", "e1")),
  entry(1_011, { type: "sleep_started", step: "nap-1", durationMs: 100 }),
  entry(1_111, { type: "sleep_completed", step: "nap-1" }),
  entry(1_120, received(1)),
  entry(1_121, received(2)),
  entry(1_140, { type: "race_settled", step: "contest-1", winner: "work", cancelled: [] }),
  entry(1_150, completed("last-1", "e2")),
  entry(1_160, { type: "workflow_completed" }),
];

const texts = (from: number, to: number) => GOOD_HISTORY.slice(from, to).map(({ text }) => text);

const started = (step: string, execution: string, attempt = 1) =>
  ({ type: "started", step, attempt, key: `trial/one/${step}`, execution }) as const;

const finished = (step: string, value: string) =>
  ({ type: "completed", step, attempt: 1, execution: value, value }) as const;

export const observed = (run: string, step: string, value: string) =>
  ({ type: "observed", run, step, value }) as const;

const sending = (type: "sending" | "sent", id: string) =>
  ({ type, eventType: "left", id }) as const;

export const GOOD_TOLD: readonly Told[] = [
  [0, "suite", { type: "creating" }],
  [1, "suite", { type: "created" }],
  [2, "worker-1", { type: "worker_up", worker: "worker-1" }],
  [5, "worker-1", { type: "claimed", fence: 1, entries: [] }],
  [6, "worker-1", started("do:first-1", "e1")],
  [7, "worker-1", finished("do:first-1", "e1")],
  [11, "worker-1", { type: "acked", fence: 1, entries: texts(0, 2) }],
  [12, "worker-1", observed("r1", "do:first-1", "e1")],
  [13, "worker-1", { type: "let_go", fence: 1, how: "suspended" }],
  [20, "suite", sending("sending", "left 1.1")],
  [21, "suite", sending("sent", "left 1.1")],
  [22, "suite", sending("sending", "left 2.1")],
  [23, "suite", sending("sent", "left 2.1")],
  [110, "worker-2", { type: "claimed", fence: 2, entries: texts(0, 2) }],
  [111, "worker-2", observed("r2", "do:first-1", "e1")],
  [115, "worker-2", { type: "acked", fence: 2, entries: texts(2, 3) }],
  [116, "worker-2", observed("r2", "sleep:nap-1", "slept")],
  [122, "worker-2", { type: "acked", fence: 2, entries: texts(3, 5) }],
  [123, "worker-2", observed("r2", "wait:left-1", "left 1.1")],
  [124, "worker-2", observed("r2", "wait:left-2", "left 2.1")],
  [141, "worker-2", { type: "acked", fence: 2, entries: texts(5, 6) }],
  [142, "worker-2", observed("r2", "race:contest-1", "work")],
  [143, "worker-2", started("do:last-1", "e2")],
  [144, "worker-2", finished("do:last-1", "e2")],
  [151, "worker-2", { type: "acked", fence: 2, entries: texts(6, 7) }],
  [152, "worker-2", observed("r2", "do:last-1", "e2")],
  [161, "worker-2", { type: "let_go", fence: 2, how: "finished" }],
];

const GOOD: Scene = {
  told: GOOD_TOLD,
  history: GOOD_HISTORY,
  status: "complete",
  output: { values: ["e1", "e2"], parcels: [["left 1.1", "left 2.1"]], winner: "work" },
};

export function evidenceOf(
  scene: Partial<Scene> = {},
  rest: Partial<Omit<Evidence, "lines">> = {},
): Evidence {
  const { told, history, status, output } = { ...GOOD, ...scene };
  const lines = told.map(([t, by, fact]) => ({ instance: INSTANCE, ...fact, t, by }) as Line);
  return {
    lines: lines.toSorted((a, b) => a.t - b.t),
    expected: new Map([[INSTANCE, EXPECTATION]]),
    stored: new Map([[INSTANCE, { status, output, history }]]),
    leftovers: [],
    bounds: { leaseMs: 10_000, recoveryMs: 15_000, reconnectMs: 5_000 },
    mayLose: false,
    ...rest,
  };
}

/** The kinds of what is found in it, each once. */
export function kindsIn(evidence: Evidence): readonly ViolationKind[] {
  return [...new Set(check(evidence).violations.map(({ kind }) => kind))].toSorted();
}

export function entryAt(index: number): Scene["history"][number] {
  const found = GOOD_HISTORY.at(index);
  if (!found) throw new RangeError(`There is no entry ${index}`);
  return found;
}

/** The good life with more in the ledger. */
export function withTold(...more: readonly Told[]): Partial<Scene> {
  return { told: [...GOOD_TOLD, ...more] };
}

/** The ledger of the good life without what this fits. */
export function toldWithout(isGone: (told: Told) => boolean): readonly Told[] {
  return GOOD_TOLD.filter((told) => !isGone(told));
}

/** The history with one entry replaced, or taken out. */
export function withEntry(
  index: number,
  facts?: Readonly<Record<string, unknown>>,
): Partial<Scene> {
  const { at, text } = entryAt(index);
  const changed = facts && [entry(at, { ...JSON.parse(text), ...facts })];
  return { history: GOOD_HISTORY.toSpliced(index, 1, ...(changed ?? [])) };
}

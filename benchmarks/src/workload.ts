/** What a workload is: how an engine is prepared for it, and what is measured. */
import type { Costs, Session } from "./session.ts";
import type { Group } from "./agents/client.ts";
import type { ProgramName } from "./programs.ts";
import type { Program } from "./programs.ts";
import type { RedisSettings } from "./stores/store.ts";

/** How much is to be done: everything takes as long as that allows. */
export interface Scale {
  readonly isQuick: boolean;
  /** How long one measured round of a throughput should take. */
  readonly roundMs: number;
  readonly warmUpMs: number;
}

/** One number that a round yields. */
export interface Figure {
  readonly key: string;
  readonly title: string;
  /** Which of two engines is better at it; absent where neither is. */
  readonly better?: "more" | "less";
}

export type Measurement = Readonly<Record<string, number | undefined>>;

/** How the same workload is arranged differently, side by side. */
export interface Variant {
  readonly name: string;
  readonly workers?: number;
  readonly redis?: RedisSettings;
  /** Nodes of a Redis Cluster, in place of the one server. */
  readonly clusterNodes?: number;
}

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** What is done, and how to read the figures. Markdown. */
  readonly about: string;
  readonly program: ProgramName;
  /** The first is the one that is drawn. */
  readonly figures: readonly Figure[];
  /** More than one contestant per engine. */
  readonly variants?: readonly Variant[];
  /** Worker processes, where no variant says otherwise; 1 if absent. */
  readonly workers?: number;
  /** Left out unless it is asked for. */
  readonly isHuge?: boolean;
  /** Measured once per session, which is then replaced, because a round leaves too much behind. */
  readonly isOnce?: boolean;
  /** Warms the engine up, and finds out how much of it fits into a round. */
  prepare(session: Session, scale: Scale): Promise<number>;
  measure(session: Session, size: number, scale: Scale): Promise<Measurement>;
}

/** However slow an engine is, nothing is waited for longer than this. */
const DEADLINE_MS = 60_000;

const FIRST_TRY = 50;
const LEAST = 50;
const MOST = 20_000;

/** Runs more and more of a program until the processes are warm; tells how many fit into a round. */
export async function warmUp(
  session: Session,
  program: Program,
  { warmUpMs, roundMs }: Scale,
): Promise<number> {
  const startedAt = performance.now();
  for (let count = FIRST_TRY; ; count = Math.min(count * 3, MOST)) {
    const { ms } = await runAll(session, session.group(program, count));
    const perMs = count / ms;
    const spentMs = performance.now() - startedAt;
    if (spentMs >= warmUpMs || count === MOST) {
      return Math.round(Math.min(Math.max(perMs * roundMs, LEAST), MOST));
    }
  }
}

/** Starts a group and waits for its end; in ms, from the first call until the last run ended. */
export async function runAll(session: Session, group: Group): Promise<{ ms: number }> {
  const { from } = await session.start(group);
  const ended = await session.untilMarked(group, "ended", { withinMs: DEADLINE_MS });
  return { ms: lastOf(ended) - from };
}

function lastOf(marked: readonly { readonly at: number }[]): number {
  return Math.max(...marked.map(({ at }) => at));
}

/** Whoever is fast but wrong is not fast. */
export function expectOutputs(outputs: readonly unknown[], expected: unknown): void {
  const wrong = outputs.find((output) => output !== expected);
  if (wrong === undefined) return;
  throw new Error(`A run returned ${JSON.stringify(wrong)} instead of ${JSON.stringify(expected)}`);
}

/** What one workflow costs. */
export const COST_FIGURES: readonly Figure[] = [
  { key: "cpuMs", title: "CPU ms, worker + store", better: "less" },
  { key: "workerCpuMs", title: "CPU ms, worker", better: "less" },
  { key: "storeCpuMs", title: "CPU ms, store", better: "less" },
  { key: "clientCpuMs", title: "CPU ms, client", better: "less" },
  { key: "commands", title: "Redis commands", better: "less" },
  { key: "scripts", title: "scripts among them", better: "less" },
  { key: "bytesIn", title: "bytes to Redis", better: "less" },
  { key: "bytesOut", title: "bytes from Redis", better: "less" },
  { key: "storeBytes", title: "bytes kept in Redis", better: "less" },
  { key: "workerMb", title: "worker memory, MB", better: "less" },
];

export function costsOf(costs: Costs, count: number): Measurement {
  const { workerCpuMs, storeCpuMs, clientCpuMs, redis, workerBytes } = costs;
  const per = (value: number | undefined): number | undefined =>
    value === undefined ? undefined : value / count;
  return {
    cpuMs: per(workerCpuMs + (storeCpuMs ?? 0)),
    workerCpuMs: per(workerCpuMs),
    storeCpuMs: per(storeCpuMs),
    clientCpuMs: per(clientCpuMs),
    commands: per(redis?.commands),
    scripts: per(redis?.scripts),
    bytesIn: per(redis?.bytesIn),
    bytesOut: per(redis?.bytesOut),
    storeBytes: per(redis?.memoryBytes),
    workerMb: workerBytes / 1e6,
  };
}

/** What a workload is: how an engine is prepared for it, and what is measured. */
import type { Costs } from "./costs.ts";
import type { Session } from "./session.ts";
import type { Group } from "./agents/client.ts";
import type { EngineName } from "./engines/index.ts";
import type { Program, ProgramName } from "./programs.ts";
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
  /** The floor's is no measure for it: it keeps nothing, or has none of it. */
  readonly isAbsolute?: true;
  /** What it takes, in a table of its own, rather than what the workload is about. */
  readonly isCost?: true;
}

export type Measurement = Readonly<Record<string, number | undefined>>;

/** How the same workload is arranged differently, side by side. */
export interface Variant {
  readonly name: string;
  readonly workers?: number;
  readonly redis?: RedisSettings;
  /** Nodes of a Redis Cluster, in place of the one server. */
  readonly clusterNodes?: number;
  readonly isLeftOutWhenQuick?: true;
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
  /** Rounds at most, where one takes long. */
  readonly mostRounds?: number;
  /** Engines that would take half of a minute for it, which is too long when it must be quick. */
  readonly leftOutWhenQuick?: readonly EngineName[];
  /** Warms the engine up, and finds out how much of it fits into a round. */
  prepare(session: Session, scale: Scale): Promise<number>;
  measure(session: Session, size: number, scale: Scale): Promise<Measurement>;
}

/** Commands that come less often by workflow are the benchmark's own, or nobody's. */
const RARELY = 0.05;

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
  const ended = await session.untilMarked(group, "ended");
  return { ms: lastOf(ended) - from };
}

export function lastOf(marked: readonly { readonly at: number }[]): number {
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
  cost("cpuMs", "CPU ms, worker + store"),
  cost("workerCpuMs", "CPU ms, worker"),
  cost("storeCpuMs", "CPU ms, store"),
  cost("clientCpuMs", "CPU ms, client"),
  cost("commands", "Redis commands"),
  cost("scripts", "scripts among them"),
  cost("bytesIn", "bytes to Redis"),
  cost("bytesOut", "bytes from Redis"),
  { ...cost("storeBytes", "bytes kept in Redis"), isAbsolute: true },
  cost("workerMb", "worker memory, MB"),
];

/** Those of them that a client does not have a part in. */
export const EACH_COST_FIGURES: readonly Figure[] = COST_FIGURES.filter(
  ({ key }) => !["clientCpuMs", "workerMb"].includes(key),
);

function cost(key: string, title: string): Figure {
  return { key, title, better: "less", isCost: true };
}

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
    ...byCommand(redis, count),
  };
}

/** For those who look for what to save: not in the tables, but in the JSON. */
function byCommand(redis: Costs["redis"], count: number): Measurement {
  const figures = Object.entries(redis?.byCommand ?? {})
    .filter(([, { calls }]) => calls / count >= RARELY)
    .flatMap(([name, { calls, us }]) => [
      [`${name} calls`, calls / count] as const,
      [`${name} µs`, us / count] as const,
    ]);
  return Object.fromEntries(figures);
}

/** Runs a workload: every contestant is opened and warmed up, then they take turns. */
import { loadEngine } from "./engines/index.ts";
import type { EngineName } from "./engines/index.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import type { Measurement, Scale, Variant, Workload } from "./workload.ts";

/** An engine in one arrangement, and what it did. */
export interface Outcome {
  readonly engine: EngineName;
  readonly variant: string;
  readonly size: number;
  readonly samples: readonly Measurement[];
  /** Why there is nothing. */
  readonly absent?: string;
}

export interface WorkloadResult {
  readonly workload: Workload;
  readonly outcomes: readonly Outcome[];
}

interface Contestant {
  readonly engine: EngineName;
  readonly variant: Variant;
  session?: Session;
  size: number;
  samples: Measurement[];
  absent?: string;
}

export interface BenchOptions {
  readonly engines: readonly EngineName[];
  readonly rounds: number;
  readonly scale: Scale;
  readonly sessions: Sessions;
  readonly onProgress: (line: string) => void;
}

export async function runWorkload(
  workload: Workload,
  options: BenchOptions,
): Promise<WorkloadResult> {
  const contestants = contestantsOf(workload, options);
  for (const contestant of contestants) {
    options.onProgress(`${workload.name}: warming up ${labelOf(contestant)}`);
    await attempt(contestant, options, async () => {
      await prepare(workload, contestant, options);
    });
  }
  const rounds = Math.min(options.rounds, workload.mostRounds ?? Infinity);
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of contestants) {
      options.onProgress(`${workload.name}: round ${round} of ${rounds}, ${labelOf(contestant)}`);
      await attempt(contestant, options, async () => {
        await measure(workload, contestant, options);
      });
    }
  }
  await Promise.all(
    contestants.map(async ({ session }) => {
      if (session) await options.sessions.release(session, false);
    }),
  );
  return { workload, outcomes: contestants.map(toOutcome) };
}

function contestantsOf(workload: Workload, { engines, scale }: BenchOptions): Contestant[] {
  const { variants = [{ name: "" }], workers = 1, leftOutWhenQuick = [] } = workload;
  const taking = engines.filter((name) => !(scale.isQuick && leftOutWhenQuick.includes(name)));
  return variants
    .filter(({ isLeftOutWhenQuick = false }) => !(scale.isQuick && isLeftOutWhenQuick))
    .flatMap((variant) =>
      taking.map((engine) => ({ engine, variant: { workers, ...variant }, size: 0, samples: [] })),
    );
}

/** An engine that fails is reported with the reason, and the others go on. */
async function attempt(
  contestant: Contestant,
  { sessions }: BenchOptions,
  act: () => Promise<void>,
): Promise<void> {
  if (contestant.absent !== undefined) return;
  try {
    await act();
  } catch (error) {
    contestant.absent = error instanceof Error ? error.message : String(error);
    if (contestant.session) await sessions.release(contestant.session, true);
    delete contestant.session;
  }
}

async function prepare(
  workload: Workload,
  contestant: Contestant,
  { scale, sessions }: BenchOptions,
): Promise<void> {
  await refuse(workload, contestant);
  contestant.session = await sessions.open(contestant.engine, contestant.variant);
  await contestant.session.clearMarks();
  contestant.size = await workload.prepare(contestant.session, scale);
}

/** @throws with the reason, when the engine cannot express it */
async function refuse({ name, program }: Workload, { engine, variant }: Contestant): Promise<void> {
  const { cannot, store } = await loadEngine(engine);
  const reason = cannot[name] ?? cannot[program];
  if (reason !== undefined) throw new Error(reason);
  const needsRedis = variant.redis !== undefined || variant.clusterNodes !== undefined;
  if (needsRedis && store !== "redis") throw new Error("it does not run on Redis");
}

async function measure(
  workload: Workload,
  { session, size, samples }: Contestant,
  { scale }: BenchOptions,
): Promise<void> {
  if (session === undefined) return;
  await session.clearMarks();
  samples.push(await workload.measure(session, size, scale));
}

function labelOf({ engine, variant }: Contestant): string {
  return variant.name === "" ? engine : `${engine}, ${variant.name}`;
}

function toOutcome({ engine, variant, size, samples, absent }: Contestant): Outcome {
  return {
    engine,
    variant: variant.name,
    size,
    samples,
    ...(absent !== undefined && { absent }),
  };
}

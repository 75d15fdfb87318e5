/** Runs a workload: every contestant is opened and warmed up, then they take turns. */
import type { Engine } from "./engine.ts";
import { loadEngine } from "./engines/index.ts";
import type { EngineName } from "./engines/index.ts";
import { Session } from "./session.ts";
import { startStore } from "./stores/index.ts";
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
  readonly onProgress: (line: string) => void;
}

export async function runWorkload(
  workload: Workload,
  options: BenchOptions,
): Promise<WorkloadResult> {
  const contestants = contestantsOf(workload, options.engines);
  try {
    for (const contestant of contestants) {
      await attempt(contestant, async () => await prepare(workload, contestant, options));
    }
    for (let round = 1; round <= options.rounds; round++) {
      for (const contestant of contestants) {
        await attempt(contestant, async () => await measure(workload, contestant, options));
        options.onProgress(`${workload.title}: round ${round}, ${labelOf(contestant)}`);
      }
    }
  } finally {
    await Promise.all(contestants.map(async ({ session }) => await session?.close()));
  }
  return { workload, outcomes: contestants.map(toOutcome) };
}

function contestantsOf(workload: Workload, engines: readonly EngineName[]): Contestant[] {
  const variants = workload.variants ?? [{ name: "" }];
  return variants.flatMap((variant) =>
    engines.map((engine) => ({ engine, variant, size: 0, samples: [] })),
  );
}

/** An engine that fails is reported with the reason, and the others go on. */
async function attempt(contestant: Contestant, act: () => Promise<void>): Promise<void> {
  if (contestant.absent !== undefined) return;
  try {
    await act();
  } catch (error) {
    contestant.absent = error instanceof Error ? error.message : String(error);
    await contestant.session?.close();
    delete contestant.session;
  }
}

async function prepare(
  workload: Workload,
  contestant: Contestant,
  { scale, onProgress }: BenchOptions,
): Promise<void> {
  onProgress(`${workload.title}: warming up, ${labelOf(contestant)}`);
  contestant.session = await open(workload, contestant);
  contestant.size = await workload.prepare(contestant.session, scale);
}

async function open(workload: Workload, { engine: name, variant }: Contestant): Promise<Session> {
  const engine = await loadEngine(name);
  refuse(engine, workload, variant);
  const store = await startStore(engine.store, variant);
  return await Session.open(name, store, {
    workers: variant.workers ?? workload.workers ?? 1,
    workflows: ["bench"],
  });
}

/** @throws with the reason, when the engine cannot express it */
function refuse({ cannot, store }: Engine, { program }: Workload, variant: Variant): void {
  const reason = cannot[program];
  if (reason !== undefined) throw new Error(reason);
  const needsRedis = variant.redis !== undefined || variant.clusterNodes !== undefined;
  if (needsRedis && store !== "redis") throw new Error("it does not run on Redis");
}

async function measure(
  workload: Workload,
  contestant: Contestant,
  { scale }: BenchOptions,
): Promise<void> {
  const { session, size, samples } = contestant;
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

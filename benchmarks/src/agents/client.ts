/** A process that starts workflows and waits for them, as a program that uses an engine does. */
import type { Engine, EngineClient, Place, Run } from "../engine.ts";
import { loadEngine } from "../engines/index.ts";
import type { EngineName } from "../engines/index.ts";
import type { Program } from "../programs.ts";
import { now } from "./marks.ts";
import { serve } from "./rpc.ts";
import { readUsage } from "./usage.ts";
import type { Usage } from "./usage.ts";

/** Calls under way at once: of those that hand over many runs, and of those that do not. */
const BATCHES_AT_ONCE = 4;
const CALLS_AT_ONCE = 50;

/** Runs with ids that count from 0, of one program. */
export interface Group {
  readonly prefix: string;
  readonly count: number;
  readonly program: Program;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface LoneRuns {
  readonly latencies: readonly number[];
  readonly outputs: readonly unknown[];
}

let engine: Engine | undefined;
let client: EngineClient | undefined;

const methods = {
  async open({ engine: name, place }: { engine: EngineName; place: Place }): Promise<void> {
    engine = await loadEngine(name);
    client = await engine.connect(place);
  },
  usage: (): Usage => readUsage(),

  /** Starts a group as fast as the engine takes it. */
  async start(group: Group): Promise<Span> {
    const { engine, client } = opened();
    const runs = runsOf(group);
    const batches: Run[][] = [];
    while (runs.length > 0) batches.push(runs.splice(0, engine.batch));
    const from = now();
    const atOnce = engine.batch > 1 ? BATCHES_AT_ONCE : CALLS_AT_ONCE;
    await forEach(batches, atOnce, async (batch) => await client.start(batch));
    return { from, to: now() };
  },

  /** One after the other, from the call that starts it until its result is here. */
  async lone(group: Group): Promise<LoneRuns> {
    const { client } = opened();
    const latencies: number[] = [];
    const outputs: unknown[] = [];
    for (const run of runsOf(group)) {
      const from = performance.now();
      await client.start([run]);
      outputs.push(await client.result(run));
      latencies.push(performance.now() - from);
    }
    return { latencies, outputs };
  },

  /** Sends every run of a group so many events, one after the other to each. */
  async send({ group, events }: { group: Group; events: number }): Promise<Span> {
    const { client } = opened();
    const from = now();
    await forEach(runsOf(group), CALLS_AT_ONCE, async (run) => {
      for (let i = 0; i < events; i++) await client.sendEvent(run);
    });
    return { from, to: now() };
  },

  /** Waits for the results of the last runs of a group. */
  async results({ group, last }: { group: Group; last: number }): Promise<readonly unknown[]> {
    const { client } = opened();
    const runs = runsOf(group).slice(-last);
    return await Promise.all(runs.map(async (run) => await client.result(run)));
  },

  async close(): Promise<void> {
    await client?.close();
  },
};

export type ClientMethods = typeof methods;

serve(methods);

function opened(): { engine: Engine; client: EngineClient } {
  if (engine === undefined || client === undefined) throw new Error("The client is not open");
  return { engine, client };
}

function runsOf({ prefix, count, program }: Group): Run[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${prefix}-${i}`, program }));
}

async function forEach<T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lanes = Array.from({ length: atOnce }, async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await act(item);
  });
  await Promise.all(lanes);
}

/** A process that runs the workflows of one engine, and nothing else. */
import type { EngineWorker, Place } from "../engine.ts";
import { loadEngine } from "../engines/index.ts";
import type { EngineName } from "../engines/index.ts";
import { Marks } from "./marks.ts";
import type { Marked, Point } from "./marks.ts";
import { serve } from "./rpc.ts";
import { readUsage } from "./usage.ts";
import type { Usage } from "./usage.ts";

const marks = new Marks();
let worker: EngineWorker | undefined;

const methods = {
  async open({ engine, place }: { engine: EngineName; place: Place }): Promise<void> {
    worker = await (await loadEngine(engine)).startWorker(place, marks.markFor);
  },
  usage: (): Usage => readUsage(),
  count: (point: Point): number => marks.count(point),
  list: (point: Point): readonly Marked[] => marks.list(point),
  clear: (): void => marks.clear(),
  async close(): Promise<void> {
    await worker?.close();
  },
};

export type WorkerMethods = typeof methods;

serve(methods);

/** The port behind which every engine is measured. */
import type { Mark, Program, Steps } from "./programs.ts";
import { runProgram } from "./programs.ts";

/** What an engine keeps its state in. The benchmark starts it, except a PostgreSQL, which is given. */
export type StoreKind = "redis" | "postgres" | "sqlite" | "restate";

/** Where an engine finds its store. It goes to other processes, so it is plain data. */
export interface Place {
  /** A `redis://`, `postgres://` or `http://` URL, or the path of a file. */
  readonly url: string;
  /** For operators, where that is another address. */
  readonly adminUrl?: string;
  /** Where the worker listens, for engines that call their workers. */
  readonly workerPort?: number;
  /** Ports of a Redis Cluster on this machine, in place of the one server. */
  readonly clusterPorts?: readonly number[];
  /** The names of the workflows; more than one only in a cluster, where each lies on one node. */
  readonly workflows: readonly string[];
}

/** One workflow to be run. */
export interface Run {
  readonly id: string;
  readonly program: Program;
}

/** What a worker process reports its marks to. */
export type MarkFor = (runId: string) => Mark;

export interface EngineWorker {
  close(): Promise<void>;
}

/** Starts workflows and waits for them, as a program that uses the engine does. */
export interface EngineClient {
  /** Resolves when the engine has recorded all of them. */
  start(runs: readonly Run[]): Promise<void>;
  /** Resolves with what the workflow returned, in the way in which the engine lets one wait. */
  result(run: Run): Promise<unknown>;
  /** Resolves when the engine has recorded the event. */
  sendEvent(run: Run): Promise<void>;
  close(): Promise<void>;
}

export interface Engine {
  readonly store: StoreKind;
  /** Its version, and how it was tuned, in a sentence. */
  readonly about: string;
  /** How many runs a client hands over in one call. */
  readonly batch: number;
  /** Programs and arrangements that it cannot express, and why. */
  readonly cannot: Readonly<Record<string, string>>;
  startWorker(place: Place, markFor: MarkFor): Promise<EngineWorker>;
  connect(place: Place): Promise<EngineClient>;
}

/** Workflows that run at once in a worker process: the same for every engine that has the notion. */
export const CONCURRENCY = 100;

/** How long a worker may be silent before others take over: the same for every engine that has it. */
export const LEASE_MS = 10_000;

export async function perform(steps: Steps, run: Run, markFor: MarkFor): Promise<unknown> {
  return await runProgram(steps, run.program, markFor(run.id));
}

/** The workflow of a run: they take turns. */
export function workflowOf<T>(workflows: readonly T[], run: Run): T {
  const index = Number(/\d+$/.exec(run.id)?.[0] ?? 0) % workflows.length;
  const workflow = workflows[index];
  if (workflow === undefined) throw new Error("There are no workflows");
  return workflow;
}

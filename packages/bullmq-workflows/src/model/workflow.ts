/**
 * What the author of a workflow writes against: Cloudflare's types, under Cloudflare's names.
 *
 * What is ours and not Cloudflare's says so; it never changes the meaning of what is theirs.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Barrier } from "./barrier.ts";
import type { WorkflowSleepDuration, WorkflowTimeoutDuration } from "./duration.ts";
import type { WorkflowCronSchedule } from "./schedule.ts";
import type { Schema } from "./validation.ts";
import type { ResolvedStepConfig, WorkflowStepConfig } from "./step-config.ts";

/** What started an instance. */
export interface WorkflowEvent<T> {
  /** The `params` given to `create`; `{}` when none were. */
  payload: Readonly<T>;
  /** When the instance was created. The same in every replay and after a restart. */
  timestamp: Date;
  instanceId: string;
  workflowName: string;
  /** Only when a schedule started it. */
  schedule?: WorkflowCronSchedule;
}

/** An event that `step.waitForEvent` waited for. */
export interface WorkflowStepEvent<T> {
  /** Absent when the event was sent without one. */
  payload: Readonly<T>;
  /** When the engine received it. */
  timestamp: Date;
  type: string;
}

/** The one argument of a `step.do` callback. Changing it has no effect. */
export interface WorkflowStepContext {
  step: {
    name: string;
    /** The how-manieth `do` of that name in this run, from 1. */
    count: number;
  };
  /** The how-manieth try, from 1. */
  attempt: number;
  /** The config in force, defaults filled in. `retries.delay` is absent when it is a function. */
  config: {
    retries: Omit<ResolvedStepConfig["retries"], "delay"> & { delay?: string | number };
    timeout: string | number;
    sensitive?: "output";
    /** Ours. Present when the step asks for its own. */
    durability?: Barrier;
  };
  /**
   * Ours. Aborted when the attempt timed out, lost a race, or its instance was terminated, deleted or
   * taken over by another worker. Hand it to `fetch` and the like.
   */
  signal: AbortSignal;
  /**
   * Ours. The same in every attempt of this step of this instance and in no other: hand it to services
   * that deduplicate. An attempt may run again when its worker died before the outcome was recorded.
   */
  idempotencyKey: string;
}

/** The steps of a run. Every call is recorded, and answered from the record when the run is replayed. */
export interface WorkflowStep {
  /**
   * Runs a callback once and records what it returned (I1). Failed attempts are retried as `config`
   * says; when none is left, the last error is thrown, now and in every replay.
   */
  do<T>(name: string, callback: (context: WorkflowStepContext) => Promise<T> | T): Promise<T>;
  do<T>(
    name: string,
    config: WorkflowStepConfig,
    callback: (context: WorkflowStepContext) => Promise<T> | T,
  ): Promise<T>;
  /** Waits this long, at most 365 days; milliseconds or a duration. Holds no worker while it waits. */
  sleep(name: string, duration: WorkflowSleepDuration | number): Promise<void>;
  /** Waits until this instant; a number is epoch milliseconds. Rejects when it is past already. */
  sleepUntil(name: string, timestamp: Date | number): Promise<void>;
  /**
   * Waits for the next event of this type, also one that came before this call. Each event goes to one
   * wait, in order (I4). Throws after `timeout` (default `"24 hours"`).
   *
   * `schema` is ours: the payload is what this Standard Schema makes of it. An event that it refuses is
   * taken all the same, and the wait throws a {@link ValidationError} (`step.invalid_event`), now and in
   * every replay.
   */
  waitForEvent<Given extends Schema>(
    name: string,
    options: { type: string; timeout?: WorkflowTimeoutDuration | number; schema: Given },
  ): Promise<WorkflowStepEvent<StandardSchemaV1.InferOutput<Given>>>;
  waitForEvent<T>(
    name: string,
    options: { type: string; timeout?: WorkflowTimeoutDuration | number; schema?: undefined },
  ): Promise<WorkflowStepEvent<T>>;
  /**
   * Ours. Settles as the first of its branches does, records which that was, and cancels the others in
   * the same write: a losing wait takes no event any more, a losing timer is gone, a losing `do` has its
   * signal aborted. Unlike `Promise.race`, which leaves the losers behind. Branches are promises of
   * steps of this run; a loser's promise never settles.
   */
  race<Branches extends Readonly<Record<string, Promise<unknown>>>>(
    branches: Branches,
  ): Promise<RaceResult<Branches>>;
  race<Branches extends Readonly<Record<string, Promise<unknown>>>>(
    name: string,
    branches: Branches,
  ): Promise<RaceResult<Branches>>;
}

/** Which branch won a race, and with what. */
export type RaceResult<Branches extends Readonly<Record<string, Promise<unknown>>>> = {
  [Name in keyof Branches]: { winner: Name; value: Awaited<Branches[Name]> };
}[keyof Branches];

/** What `this.ctx` offers a workflow. */
export interface ExecutionContext {
  /**
   * Work that may go on after `run` has returned. Its failure is logged and changes nothing. The instance
   * is kept for it for at most 30 seconds, Cloudflare's own bound: so long it neither ends nor sleeps.
   */
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * A workflow: a class with `run`. A new object is made for every activation, so fields do not outlive
 * a wait; keep what must last in the results of steps. As at Cloudflare.
 */
export abstract class WorkflowEntrypoint<Env = unknown, T = unknown> {
  protected readonly ctx: ExecutionContext;
  protected readonly env: Env;

  constructor(ctx: ExecutionContext, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }

  abstract run(event: Readonly<WorkflowEvent<T>>, step: WorkflowStep): Promise<unknown>;
}

/** What most tests of workflows need: a class made of a function, and an engine of either kind to run it. */
import { afterAll, beforeAll, describe, onTestFinished } from "vitest";
import type { InstanceStatus, WorkflowInstance } from "../../src/client/instance-handle.ts";
import type { Workflow } from "../../src/client/workflow.ts";
import { WorkflowEntrypoint } from "../../src/model/workflow.ts";
import type { WorkflowEvent, WorkflowStep } from "../../src/model/workflow.ts";
import type { WorkflowClass } from "../../src/wiring/workflow-options.ts";
import { startMemoryEngine, workflowOptionsOf } from "./memory-engine.ts";
import type { MemoryEngine, MemoryEngineOptions, TestWorkflowOptions } from "./memory-engine.ts";
import { startRedis } from "./redis.ts";
import type { TestRedis } from "./redis.ts";

export type Body<Params = unknown> = (
  step: WorkflowStep,
  event: WorkflowEvent<Params>,
) => Promise<unknown>;

/** A workflow whose `run` is this function. */
export function workflowOf<Params = unknown>(body: Body<Params>): WorkflowClass {
  return class extends WorkflowEntrypoint<unknown, Params> {
    async run(event: WorkflowEvent<Params>, step: WorkflowStep): Promise<unknown> {
      return await body(step, event);
    }
  };
}

/** A memory engine with one instance of this workflow, in virtual time, that has run as far as it can now. */
export async function startBody<Params = unknown>(
  body: Body<Params>,
  options: MemoryEngineOptions & { readonly params?: Params } = {},
): Promise<MemoryEngine & { readonly instance: WorkflowInstance }> {
  const { params, ...engineOptions } = options;
  // Sweeping and renewing once an hour: tests sleep for days.
  const engine = await startMemoryEngine(workflowOf(body), {
    sweepIntervalMs: 3_600_000,
    leaseMs: 10_800_000,
    ...engineOptions,
  });
  const instance = await engine.workflow.create(params === undefined ? {} : { params });
  await engine.clock.settle();
  return { ...engine, instance };
}

/** An engine of some kind. */
interface TestEngine {
  readonly workflow: Workflow;
  /** Lets the instance run to its end. */
  readonly end: (instance: WorkflowInstance) => Promise<InstanceStatus>;
}

interface TestEngineOptions extends TestWorkflowOptions {
  readonly env?: unknown;
  /** Replay instead of going on from memory. */
  readonly isCold?: boolean;
}

export interface Backend {
  readonly isRealTime: boolean;
  readonly start: (
    workflowClass: WorkflowClass,
    options?: TestEngineOptions,
  ) => Promise<TestEngine>;
  /** Runs one instance of this workflow to its end. */
  readonly run: <Params = unknown>(
    body: Body<Params>,
    options?: TestEngineOptions & { readonly params?: Params },
  ) => Promise<InstanceStatus>;
}

/** Tests that hold on the memory store in virtual time, and on Redis with BullMQ in real time. */
export function describeOnBoth(suite: (backend: Backend) => void): void {
  describe("in memory", () => {
    suite(toBackend(false, startInMemory));
  });
  describe("on Redis", () => {
    let redis: TestRedis;
    beforeAll(async () => void (redis = await startRedis()));
    afterAll(async () => await redis.stop());
    suite(toBackend(true, async (...parameters) => await startOnRedis(redis, ...parameters)));
  });
}

function toBackend(isRealTime: boolean, start: Backend["start"]): Backend {
  return {
    isRealTime,
    start,
    async run(body, { params, ...options } = {}) {
      const engine = await start(workflowOf(body), options);
      return await engine.end(await engine.workflow.create({ params }));
    },
  };
}

async function startInMemory(
  workflowClass: WorkflowClass,
  { isCold = false, ...options }: TestEngineOptions = {},
): Promise<TestEngine> {
  return await startMemoryEngine(workflowClass, {
    sweepIntervalMs: 3_600_000,
    leaseMs: 10_800_000,
    ...(isCold && { warmLimit: 0 }),
    ...options,
  });
}

async function startOnRedis(
  redis: TestRedis,
  workflowClass: WorkflowClass,
  { isCold = false, env, ...options }: TestEngineOptions = {},
): Promise<TestEngine> {
  // Only now: most test files stay in memory, and loading BullMQ takes longer than they do.
  const { createRedisEngines } = await import("./redis-engine.ts");
  const engines = createRedisEngines(`redis://127.0.0.1:${redis.port}`);
  onTestFinished(async () => await engines.close());
  const engine = engines.start({ env, ...(isCold && { warm: { limit: 0 } }) });
  const workflow = engine.register(workflowClass, workflowOptionsOf(options));
  await engine.ready();
  return {
    workflow,
    async end(instance) {
      await instance.result({ timeout: "20 seconds" }).catch(() => {});
      return await instance.status();
    },
  };
}

/** A whole engine on the memory store and dispatcher, in virtual time. */
import { Absences } from "../../src/client/absences.ts";
import { HistoryWatches } from "../../src/client/history-watches.ts";
import { ResultWaiter } from "../../src/client/result-waiter.ts";
import { SchemaChecks } from "../../src/client/schema-checks.ts";
import { FoldedWorkflow } from "../../src/client/folded-workflow.ts";
import { Workflow } from "../../src/client/workflow.ts";
import type { InstanceStatus, WorkflowInstance } from "../../src/client/instance-handle.ts";
import type { Dispatcher } from "../../src/engine/ports/dispatcher.ts";
import type { Store } from "../../src/engine/ports/store.ts";
import { MemoryDispatcher } from "../../src/memory/memory-dispatcher.ts";
import { MemoryQueue } from "../../src/memory/memory-queue.ts";
import { MemoryStore } from "../../src/memory/memory-store.ts";
import { VirtualClock } from "../../src/memory/virtual-clock.ts";
import { decodeEntry } from "../../src/model/history.ts";
import type { HistoryEntry } from "../../src/model/history.ts";
import { isFinished } from "../../src/model/status.ts";
import { toDefinition } from "../../src/wiring/workflow-options.ts";
import type { WorkflowSchedules } from "../../src/wiring/schedule-options.ts";
import type { WorkflowClass, WorkflowOptions } from "../../src/wiring/workflow-options.ts";
import { WorkflowWorker } from "../../src/worker/workflow-worker.ts";

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>> | undefined;
}

interface WorkerOverrides {
  readonly store?: Store;
  readonly dispatcher?: Dispatcher;
  /** Other code for the same instances, as a deployment brings. */
  readonly workflowClass?: WorkflowClass;
  readonly schedules?: WorkflowSchedules;
  readonly warmLimit?: number;
}

export interface MemoryEngine {
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  readonly queue: MemoryQueue;
  readonly workflow: Workflow;
  readonly logs: readonly LogLine[];
  readonly workers: readonly WorkflowWorker[];
  /** Starts another worker; the same dispatcher and store, its own memory. */
  readonly addWorker: (overrides?: WorkerOverrides) => Promise<WorkflowWorker>;
  /** Closes all workers in order and starts one, so that whatever goes on is replayed, maybe by other code. */
  readonly replaceWorkers: (overrides?: WorkerOverrides) => Promise<WorkflowWorker>;
  readonly history: (instance: WorkflowInstance) => Promise<readonly HistoryEntry[]>;
  /** Lets the instance run to its end, however long it sleeps; throws when it never ends. */
  readonly end: (instance: WorkflowInstance) => Promise<InstanceStatus>;
  readonly close: () => Promise<void>;
}

/** Those of a workflow; schemas have a place of their own, as tests call the params of instances `params`. */
export interface TestWorkflowOptions extends Partial<Omit<WorkflowOptions, "params" | "events">> {
  readonly schemas?: Pick<WorkflowOptions, "params" | "events">;
}

export interface MemoryEngineOptions extends TestWorkflowOptions {
  /** May be 0: then nothing runs until {@link MemoryEngine.addWorker}. */
  readonly workers?: number;
  readonly env?: unknown;
  /** 0 makes every continuation a replay. */
  readonly warmLimit?: number;
  readonly warmAgeMs?: number;
  readonly concurrencyPerWorker?: number;
  readonly leaseMs?: number;
  /** Long ones make long virtual times cheap. */
  readonly sweepIntervalMs?: number;
}

/** Timers that fire before an instance is taken for stuck. */
const TIMER_LIMIT = 20_000;

export async function startMemoryEngine(
  workflowClass: WorkflowClass,
  options: MemoryEngineOptions = {},
): Promise<MemoryEngine> {
  const { workers = 1, env = {}, warmLimit = 1_000, warmAgeMs = 600_000 } = options;
  const { leaseMs = 10_000, sweepIntervalMs = 1_000, concurrencyPerWorker = 10 } = options;
  const clock = new VirtualClock();
  const store = new MemoryStore(clock);
  const dispatcher = new MemoryDispatcher(new MemoryQueue(clock));
  const logs: LogLine[] = [];
  const telemetry = {
    log: (level: string, message: string, facts?: Readonly<Record<string, unknown>>) =>
      void logs.push({ level, message, facts }),
    count: () => {},
  };
  const definitionOf = ({ schedules = options.schedules, ...given }: WorkerOverrides) => {
    const ofDeployment = { ...options, ...(schedules !== undefined && { schedules }) };
    const code = given.workflowClass ?? workflowClass;
    return toDefinition(code, workflowOptionsOf(ofDeployment), env);
  };
  const definition = definitionOf({});
  const started: WorkflowWorker[] = [];
  const absences = new Absences({ workflow: definition.name, store, clock, telemetry });
  const engine: MemoryEngine = {
    clock,
    store,
    queue: dispatcher.queue,
    logs,
    workers: started,
    workflow: new (definition.errors === "cloudflare" ? FoldedWorkflow : Workflow)({
      name: definition.name,
      retention: definition.retention,
      clock,
      store,
      results: new ResultWaiter({ store, clock, absences, codec: definition.codec }),
      codec: definition.codec,
      errors: definition.errors,
      watches: new HistoryWatches({ store, clock }),
      absences,
      checks: new SchemaChecks({ ...options.schemas, workflow: definition.name, clock }),
      dispatch: async (requests) => await dispatcher.dispatch(requests),
    }),
    async addWorker(overrides = {}) {
      const worker = new WorkflowWorker({
        definition: definitionOf(overrides),
        store: overrides.store ?? store,
        dispatcher: overrides.dispatcher ?? dispatcher,
        clock,
        telemetry,
        workerId: `worker-${started.length + 1}`,
        concurrency: concurrencyPerWorker,
        leaseMs,
        sweepIntervalMs,
        warmLimit: overrides.warmLimit ?? warmLimit,
        warmAgeMs,
      });
      started.push(worker);
      await worker.start();
      return worker;
    },
    async replaceWorkers(overrides) {
      for (const worker of started) await worker.close();
      return await engine.addWorker(overrides);
    },
    async history(instance) {
      return (await store.instances.history(instance.id)).map(({ text }) => decodeEntry(text));
    },
    async end(instance) {
      await clock.settle();
      for (let fired = 0; fired < TIMER_LIMIT; fired++) {
        const status = await instance.status();
        if (isFinished(status.status)) return status;
        await clock.advanceToNext();
      }
      throw new Error(`Instance ${instance.id} never ends`);
    },
    async close() {
      for (const worker of started) worker.abandon();
      await store.close();
    },
  };
  for (let i = 0; i < workers; i++) await engine.addWorker();
  return engine;
}

/** What of a test's options is the workflow's, not the engine's. */
export function workflowOptionsOf(options: TestWorkflowOptions): WorkflowOptions {
  const { name = "test", concurrency, limits, retention, determinism } = options;
  const { schedules, schemas, durability } = options;
  const { errors, errorClasses } = options;
  return {
    name,
    ...(concurrency && { concurrency }),
    ...(limits && { limits }),
    ...(retention && { retention }),
    ...(determinism && { determinism }),
    ...(durability && { durability }),
    ...(errors && { errors }),
    ...(errorClasses && { errorClasses }),
    ...(schedules !== undefined && { schedules }),
    ...schemas,
  };
}

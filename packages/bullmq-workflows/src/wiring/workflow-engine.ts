/** The library's front door: connects workflows, a backend and workers, and closes them again. */
import { randomUUID } from "node:crypto";
import { Absences } from "../client/absences.ts";
import { DurabilityWatch } from "../engine/durability-watch.ts";
import type { WorkflowDefinition } from "../engine/definition.ts";
import type { WorkerLoad, WorkflowRecord } from "../engine/ports/directory.ts";
import { HistoryWatches } from "../client/history-watches.ts";
import { ResultWaiter } from "../client/result-waiter.ts";
import { SchemaChecks } from "../client/schema-checks.ts";
import { FoldedWorkflow } from "../client/folded-workflow.ts";
import { Workflow } from "../client/workflow.ts";
import type { Durability } from "../model/durability-report.ts";
import { EngineClosedError, InvalidOptionError } from "../model/errors.ts";
import type { Schema } from "../model/validation.ts";
import { systemClock } from "../worker/system-clock.ts";
import { WorkflowWorker } from "../worker/workflow-worker.ts";
import { announce, toAnnouncement } from "./announcing.ts";
import type { Backend, BackendFactory, WorkflowBackend } from "./backend.ts";
import { dispatchTo } from "./dispatching.ts";
import { resolveEngineConfig } from "./engine-config.ts";
import type { ResolvedEngineConfig, WorkflowEngineConfig } from "./engine-config.ts";
import { lendParts } from "./namespace.ts";
import { Presence } from "./presence.ts";
import { RedisBackend } from "./redis-backend.ts";
import type { InputOf, InputsOf, OutputOf, ParamsOf } from "./registered-types.ts";
import { Registration } from "./registration.ts";
import { DEFAULT_NAMESPACE } from "./tags.ts";
import { toDefinition } from "./workflow-options.ts";
import type { EventSchemas, WorkflowClass, WorkflowOptions } from "./workflow-options.ts";

/** How long a forced close waits for what it was told to drop. */
const FORCED_CLOSE_MS = 1_000;

/**
 * Runs workflows on Redis.
 *
 * @example
 * ```ts
 * const engine = new WorkflowEngine({ connection: "redis://localhost:6379" });
 * const orders = engine.register(OrderWorkflow, { name: "orders" });
 * const instance = await orders.create({ params: { item: "tea" } });
 * console.log(await instance.result());
 * await engine.close();
 * ```
 */
export class WorkflowEngine<Env = unknown> {
  readonly #config: ResolvedEngineConfig;
  readonly #backend: Backend;
  readonly #workerId = randomUUID();
  readonly #registrations = new Map<string, Registration>();
  readonly #durability: DurabilityWatch;
  readonly #presence: Presence;
  readonly #cutOff: Promise<void>;
  #cutOffNow = (): void => {};
  #closing: Promise<void> | undefined;
  /** Whether nothing reaches the backend any more. While a close waits for running steps, it still does. */
  #isCutOff = false;

  /**
   * @param createBackend - Internal: what the engine stands on instead of Redis.
   * @throws {@link InvalidOptionError} when an option breaks its rule.
   */
  constructor(
    config: WorkflowEngineConfig<Env>,
    createBackend: BackendFactory = (...parameters) => new RedisBackend(...parameters),
  ) {
    this.#config = resolveEngineConfig(config);
    this.#backend = createBackend(config, this.#config);
    this.#cutOff = new Promise((resolve) => (this.#cutOffNow = resolve));
    this.#durability = new DurabilityWatch({
      inspect: async () => await this.#backend.inspect(),
      clock: systemClock,
      telemetry: this.#config.telemetry,
      settings: this.#config.durability,
    });
    this.#presence = new Presence({
      workerId: this.#workerId,
      directory: this.#backend.directory(),
      clock: systemClock,
      telemetry: this.#config.telemetry,
      workflows: () => this.#loads(),
    });
    lendParts(this, {
      ...this.#config,
      namespace: config.namespace ?? DEFAULT_NAMESPACE,
      backend: this.#backend,
      durabilityWatch: this.#durability,
      barrier: this.#config.durability.barrier,
      checksOf: (name) => this.#registrations.get(name)?.checks,
      registeredNames: () => [...this.#registrations.keys()],
    });
  }

  /**
   * Makes a workflow known, and unless this engine is a `client` starts to run its instances.
   *
   * @throws {@link InvalidOptionError} when an option breaks its rule or the name is taken,
   *   {@link ValidationError} when the params of a schedule break their schema,
   *   {@link EngineClosedError} once `close` was called.
   */
  register<
    Class extends WorkflowClass,
    Params extends Schema<unknown, ParamsOf<Class>> = Schema<ParamsOf<Class>, ParamsOf<Class>>,
    Events extends EventSchemas = EventSchemas,
  >(
    workflowClass: Class,
    options: WorkflowOptions<Params, Events>,
  ): Workflow<InputOf<Params>, OutputOf<Class>, InputsOf<Events>> {
    if (this.#closing) throw new EngineClosedError();
    const definition: WorkflowDefinition = {
      ...toDefinition(workflowClass, options, this.#config.env, this.#config.durability.barrier),
      whyNoBarrier: (barrier) => this.#durability.whyNoBarrier(barrier),
    };
    const { name, retention, searchable, barrier, codec, errors } = definition;
    if (this.#registrations.has(name)) {
      throw new InvalidOptionError("name", "registered once per engine", name);
    }
    const backend = this.#backend.open(name, barrier);
    const { store } = backend;
    const absences = new Absences({ ...this.#config, workflow: name, store, clock: systemClock });
    const results = new ResultWaiter({ store, clock: systemClock, absences, codec });
    const watches = new HistoryWatches({ store, clock: systemClock });
    const worker = this.#createWorker(definition, backend);
    const known = this.#announce(definition, workflowClass.name, backend);
    // A client does without it; whether a worker starts tells.
    known.catch(() => {});
    const started = this.#start(definition, worker, known);
    // Whoever calls `ready` is told; whoever does not has the log.
    started.catch(() => {});
    const checks = new SchemaChecks({ ...options, workflow: name, clock: systemClock });
    const parts = { name, backend, results, watches, checks, worker, started };
    const registration = new Registration(parts);
    this.#registrations.set(name, registration);
    if (worker) void this.#appear(registration, known);
    const Binding = errors === "cloudflare" ? FoldedWorkflow : Workflow;
    return new Binding<InputOf<Params>, OutputOf<Class>, InputsOf<Events>>({
      name,
      retention,
      searchable,
      clock: systemClock,
      store,
      results,
      codec,
      errors,
      watches,
      absences,
      checks,
      admit: () => {
        if (this.#isCutOff) throw new EngineClosedError();
        return this.#durability.admit(barrier, worker && started);
      },
      dispatch: async (requests) => await dispatchTo(backend, this.#config.telemetry, requests),
    });
  }

  /**
   * What Redis promises, how much memory it has left, and what to change. Asks every primary now.
   *
   * @throws {@link StoreUnavailableError} when one cannot be reached.
   */
  async durability(): Promise<Durability> {
    return await this.#durability.read();
  }

  /**
   * Resolves when every workflow registered so far takes instances.
   *
   * @throws {@link DurabilityError} when Redis promises less than the options ask for.
   */
  async ready(): Promise<void> {
    await Promise.all([...this.#registrations.values()].map(({ started }) => started));
  }

  /**
   * Takes nothing new, lets running steps end, gives the instances back to other workers, and closes
   * what the engine opened; who still waits for a result gets an {@link EngineClosedError}. With
   * `force`, also while a close is under way, running steps are dropped at once: their instances go on
   * elsewhere when the lease has run out. That takes a second at most, whatever state Redis is in.
   */
  async close(options: { readonly force?: boolean } = {}): Promise<void> {
    if (options.force) for (const each of this.#registrations.values()) each.abandon();
    this.#closing ??= Promise.race([this.#closeAll(), this.#cutOff]);
    if (!options.force) return await this.#closing;
    const cancel = systemClock.after(FORCED_CLOSE_MS, () => this.#cutConnections());
    await this.#closing.finally(cancel);
  }

  /**
   * Closes on the first of these signals; the process then ends when nothing else keeps it. On the
   * second, drops running steps and ends the process at once, as the signal would have.
   */
  closeOnSignals(signals: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"]): void {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (!this.#closing) return void this.close();
      for (const each of signals) process.off(each, onSignal);
      void this.close({ force: true }).finally(() => process.kill(process.pid, signal));
    };
    for (const signal of signals) process.on(signal, onSignal);
  }

  /** A client has none. */
  #createWorker(
    definition: WorkflowDefinition,
    backend: WorkflowBackend,
  ): WorkflowWorker | undefined {
    if (this.#config.mode === "client") return undefined;
    const own = { definition, clock: systemClock, workerId: this.#workerId };
    return new WorkflowWorker({ ...this.#config, ...backend, ...own });
  }

  /** What of each workflow runs here, for others to see. */
  #loads(): readonly WorkerLoad[] {
    const { concurrency } = this.#config;
    return [...this.#registrations.values()].flatMap((each) => each.load(concurrency) ?? []);
  }

  /** Once the worker takes instances; one that could not start is nobody's concern. */
  async #appear(
    registration: Registration,
    known: Promise<WorkflowRecord | undefined>,
  ): Promise<void> {
    try {
      await registration.started;
      const record = await known;
      if (record) registration.versionId = record.versionId;
      if (!this.#closing) await this.#presence.say();
    } catch {
      // Whoever waits for `ready` is told.
    }
  }

  async #closeAll(): Promise<void> {
    this.#durability.close();
    const registrations = [...this.#registrations.values()];
    await Promise.all(registrations.map(async (each) => await each.closeWorker()));
    await this.#presence.stop();
    await this.#closeConnections();
  }

  async #closeConnections(): Promise<void> {
    this.#isCutOff = true;
    const registrations = [...this.#registrations.values()];
    for (const each of registrations) each.stopTelling();
    await Promise.all(registrations.map(async (each) => await each.disconnect()));
    await this.#backend.close();
  }

  /** Ends a close that takes too long. What it still waits for fails for want of a connection. */
  #cutConnections(): void {
    this.#isCutOff = true;
    for (const each of this.#registrations.values()) {
      each.stopTelling();
      each.cutOff();
    }
    this.#backend.close().catch(() => undefined);
    this.#cutOffNow();
  }

  async #announce(
    definition: WorkflowDefinition,
    className: string,
    { store, feed }: WorkflowBackend,
  ): Promise<WorkflowRecord | undefined> {
    const { telemetry } = this.#config;
    const directory = this.#backend.directory();
    const webhooks = this.#backend.webhookLedger();
    const isClosing = (): boolean => this.#closing !== undefined;
    const parts = { directory, webhooks, store, feed, telemetry, isClosing };
    return await announce(parts, toAnnouncement(definition, className, this.#config));
  }

  async #start(
    { name, barrier, schedules }: WorkflowDefinition,
    worker: WorkflowWorker | undefined,
    known: Promise<unknown>,
  ): Promise<void> {
    try {
      const demanded = this.#durability.demand(barrier);
      if (demanded) await demanded;
      if (schedules instanceof Promise) await schedules;
      // At once: the worker's settings have to reach Redis before the first instance does.
      await Promise.all([worker?.start(), worker && this.#durability.start(), worker && known]);
    } catch (error) {
      if (this.#closing) throw new EngineClosedError({ cause: error });
      this.#config.telemetry.log("error", "a worker could not start", { workflow: name, error });
      throw error;
    }
  }
}

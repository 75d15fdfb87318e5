/**
 * A namespace as programs see it that run no workflow themselves: which workflows it has, and each of them
 * ready to be used, whoever registered it.
 */
import type { OnceMark } from "../engine/ports/commands.ts";
import { Absences } from "../client/absences.ts";
import { FeedWatch } from "../client/feed-watch.ts";
import { HistoryWatches } from "../client/history-watches.ts";
import { inspectInstance, summarizeInstance } from "../client/inspection.ts";
import type { Inspection, Summary } from "../client/inspection.ts";
import type { WorkflowInstanceSubscription } from "../client/instance-subscription.ts";
import { observeInstance, openObservedStream, readObservedHistory } from "../client/observation.ts";
import type { ObservedHistory } from "../client/observation.ts";
import { ResultWaiter } from "../client/result-waiter.ts";
import { SchemaChecks } from "../client/schema-checks.ts";
import type { Explanation } from "../client/explanation.ts";
import { whyNotRunning } from "../client/why.ts";
import type { WhyParts } from "../client/why.ts";
import type { WorkflowInstanceSubscribeOptions } from "../client/subscribe-options.ts";
import { Workflow } from "../client/workflow.ts";
import type { WorkflowParts } from "../client/workflow.ts";
import type { DurabilityWatch } from "../engine/durability-watch.ts";
import type { AccessLedger } from "../engine/ports/access-ledger.ts";
import type { DeliveryQueue } from "../engine/ports/delivery-queue.ts";
import type { Directory, WorkflowRecord } from "../engine/ports/directory.ts";
import type { WaitingRequests } from "../engine/ports/dispatcher.ts";
import type { Store } from "../engine/ports/store.ts";
import { PUT_PREFIX } from "../engine/ports/schedules.ts";
import type { StatusFeed } from "../engine/ports/status-feed.ts";
import type { WebhookLedger } from "../engine/ports/webhook-ledger.ts";
import type { Barrier } from "../model/barrier.ts";
import type { StreamReference } from "../model/history.ts";
import { DEFAULT_RETENTION_MS } from "../model/limits.ts";
import { createWorkflowCodec } from "../model/payload.ts";
import { systemClock } from "../worker/system-clock.ts";
import type { Backend, WorkflowBackend } from "./backend.ts";
import { dispatchTo } from "./dispatching.ts";
import { toDeclaration } from "./schedule-options.ts";
import { checkNamespace } from "./engine-config.ts";
import type { ResolvedEngineConfig } from "./engine-config.ts";

/** What of an engine a namespace is made of. */
export interface NamespaceParts extends ResolvedEngineConfig {
  /** The engine's own. */
  readonly namespace: string;
  readonly backend: Backend;
  readonly durabilityWatch: DurabilityWatch;
  readonly barrier: Barrier;
  /** What checks the params and events of a workflow that the engine itself has registered. */
  readonly checksOf: (workflow: string) => SchemaChecks | undefined;
  /** The workflows that were registered with the engine so far. */
  readonly registeredNames: () => readonly string[];
}

export interface OpenWorkflow {
  /** Its instances are said to be created by the API. */
  readonly workflow: Workflow;
  /** The same, whose instances get an event, or are restarted, once in a turn of a job. */
  readonly workflowOnce: (once: OnceMark) => Workflow;
  readonly store: Store;
  /** What there is of an instance, for people to look at. */
  readonly inspect: (instanceId: string) => Promise<Inspection | undefined>;
  /** Why it does not run; `undefined` when it is not there. @param whoPaused see {@link WhyParts}. */
  readonly why: (
    instanceId: string,
    whoPaused?: WhyParts["whoPaused"],
  ) => Promise<Explanation | undefined>;
  /** Puts these schedules there, in place of what was put there before. @throws {@link InvalidOptionError} */
  readonly putSchedules: (crons: readonly string[]) => Promise<void>;
  readonly summarize: (instanceId: string) => Promise<Summary | undefined>;
  /** What happens to an instance, as people may see it. @throws as a subscription does */
  readonly observe: (
    instanceId: string,
    options: WorkflowInstanceSubscribeOptions,
  ) => Promise<WorkflowInstanceSubscription>;
  /** What is on record of an instance, part by part; `undefined` when it is not there. */
  readonly readHistory: (request: {
    readonly instanceId: string;
    readonly from: number;
    readonly limit: number;
  }) => Promise<ObservedHistory | undefined>;
  readonly openStream: (stream: {
    readonly instanceId: string;
    readonly step: string;
    readonly reference: StreamReference;
    readonly isOver: () => boolean;
  }) => ReadableStream<Uint8Array>;
  /** Hears of every change of status of its instances. */
  readonly feed: FeedWatch;
  /** Where changes of status are kept that webhooks are to be told of. */
  readonly outbox: Pick<StatusFeed, "keep" | "take" | "drop">;
  /** What is on its way to workers, of which so many are looked at. */
  readonly waiting: (limit: number) => Promise<WaitingRequests>;
  /** Lets at most so many of its instances run at once over all workers; 0 for no limit. */
  readonly limitConcurrency: (limit: number) => Promise<void>;
}

/** Errors of calls keep their codes, by which they are told apart. */
const READING = { codec: createWorkflowCodec({}, "native"), errors: "native" } as const;

interface Opened {
  readonly backend: WorkflowBackend;
  readonly results: ResultWaiter;
  readonly absences: Absences;
  readonly watches: HistoryWatches;
  readonly feed: FeedWatch;
}

export class Namespace {
  readonly name: string;
  readonly directory: Directory;
  readonly webhooks: WebhookLedger;
  readonly #parts: NamespaceParts;
  readonly #opened = new Map<string, Opened>();

  /** @throws {@link InvalidOptionError} when it cannot be a namespace's name. */
  constructor(parts: NamespaceParts, name: string = parts.namespace) {
    this.name = checkNamespace(name);
    this.directory = parts.backend.directory(name);
    this.webhooks = parts.backend.webhookLedger(name);
    this.#parts = parts;
  }

  open({ name, settings }: Pick<WorkflowRecord, "name" | "settings">): OpenWorkflow {
    const { telemetry, durabilityWatch, barrier } = this.#parts;
    const opened = this.#opened.get(name) ?? this.#connect(name);
    const { backend, feed, ...parts } = opened;
    const { successMs = DEFAULT_RETENTION_MS, errorMs = DEFAULT_RETENTION_MS } =
      settings.retention ?? {};
    const workflowParts: WorkflowParts = {
      ...parts,
      ...READING,
      name,
      retention: { successMs, errorMs },
      searchable: settings.searchable,
      trigger: "api",
      clock: systemClock,
      store: backend.store,
      admit: () => durabilityWatch.admit(barrier, undefined),
      checks: this.#checksOf(name),
      dispatch: async (requests) => await dispatchTo(backend, telemetry, requests),
    };
    const { store } = backend;
    return {
      workflow: new Workflow(workflowParts),
      workflowOnce: (once) => new Workflow({ ...workflowParts, once }),
      store,
      feed,
      outbox: backend.feed,
      summarize: async (instanceId) => await summarizeInstance(store, instanceId),
      inspect: async (instanceId) => await inspectInstance(store, instanceId),
      why: async (instanceId, whoPaused) => {
        const { directory } = this;
        const headroom = async () => (await durabilityWatch.read()).headroom;
        const parts = { workflow: name, store, directory, headroom, whoPaused };
        return await whyNotRunning(parts, instanceId);
      },
      putSchedules: async (crons) => {
        const retention = { successMs, errorMs };
        const context = { workflow: name, retention, searchable: [], codec: READING.codec };
        const declared = await toDeclaration(crons, { ...context, schema: undefined });
        const digest = `${PUT_PREFIX}${declared.digest}`;
        const put = crons.length > 0 ? { ...declared, digest } : undefined;
        const { states } = await store.schedules.putSchedules(put);
        await backend.dispatcher.setAlarms(states.map(({ schedule }) => schedule));
      },
      observe: async (instanceId, options) =>
        await observeInstance({ ...parts, store, clock: systemClock, instanceId }, options),
      readHistory: async (request) => await readObservedHistory(store, request),
      openStream: (stream) => openObservedStream({ store, clock: systemClock, ...stream }, stream),
      waiting: async (limit) => await backend.dispatcher.waiting(limit),
      limitConcurrency: async (concurrencyLimit) =>
        await dispatchTo(backend, telemetry, await store.configure({ concurrencyLimit })),
    };
  }

  /** The deliveries of its webhooks. Whoever opens them closes them. */
  openDeliveries(options: { readonly takeoverMs: number }): DeliveryQueue {
    return this.#parts.backend.openDeliveries(this.name, options);
  }

  /** Closes what was opened. The engine's connection stays. */
  async close(): Promise<void> {
    const opened = [...this.#opened.values()];
    this.#opened.clear();
    const closings = opened.map(async ({ backend, results, watches, feed }) => {
      results.close();
      watches.close();
      feed.close();
      await backend.dispatcher.close();
      await backend.store.close();
    });
    await Promise.all(closings);
  }

  /** Schemas are in the code of who registers, which this may be without. */
  #checksOf(workflow: string): SchemaChecks {
    const isOwn = this.name === this.#parts.namespace;
    const checks = isOwn ? this.#parts.checksOf(workflow) : undefined;
    return checks ?? new SchemaChecks({ workflow, clock: systemClock });
  }

  #connect(name: string): Opened {
    const { telemetry, backend, barrier } = this.#parts;
    const connected = backend.open(name, barrier, this.name);
    const { store } = connected;
    const absences = new Absences({ workflow: name, store, clock: systemClock, telemetry });
    const results = new ResultWaiter({ store, clock: systemClock, absences, ...READING });
    const watches = new HistoryWatches({ store, clock: systemClock });
    const feed = new FeedWatch({ feed: connected.feed, clock: systemClock });
    const opened = { backend: connected, results, absences, watches, feed };
    this.#opened.set(name, opened);
    return opened;
  }
}

/** By engine, so that none of this is part of its public face. */
const PARTS = new WeakMap<object, NamespaceParts>();

export function lendParts(engine: object, parts: NamespaceParts): void {
  PARTS.set(engine, parts);
}

/** A namespace on an engine's connection: its own, or another one under the same prefix. */
export function openNamespace(engine: object, name?: string): Namespace {
  return new Namespace(partsOf(engine), name);
}

/** The name of an engine's own namespace. */
export function namespaceOf(engine: object): string {
  return partsOf(engine).namespace;
}

/** The names of the workflows that were registered with an engine so far. */
export function registeredNamesOf(engine: object): readonly string[] {
  return partsOf(engine).registeredNames();
}

/** The tokens and the audit log of all namespaces under an engine's prefix. */
export function openAccessLedger(engine: object): AccessLedger {
  return partsOf(engine).backend.accessLedger();
}

/**
 * Resolves when Redis takes writes and promises what the engine demands.
 *
 * @throws {@link StoreUnavailableError}, {@link DurabilityError}
 */
export async function checkStore(engine: object): Promise<void> {
  const { backend, durabilityWatch, barrier } = partsOf(engine);
  await Promise.all([backend.accessLedger().touch(), durabilityWatch.verify(barrier)]);
}

function partsOf(engine: object): NamespaceParts {
  const parts = PARTS.get(engine);
  if (parts) return parts;
  throw new TypeError("Expected a WorkflowEngine of this very copy of bullmq-workflows");
}

/**
 * Runs the instances of one workflow in this process: takes activation requests from the dispatcher,
 * keeps leases, hears control messages, sweeps.
 */
import type { WorkflowDefinition } from "../engine/definition.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { ActivationRequest, Consumer, Dispatcher } from "../engine/ports/dispatcher.ts";
import type { Unsubscribe } from "../engine/ports/notices.ts";
import type { Store } from "../engine/ports/store.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";
import type { Activation } from "../engine/activation.ts";
import { insist } from "../engine/insist.ts";
import { ActivationHost } from "./activation-host.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import { Restoration } from "./restoration.ts";
import { ScheduleKeeper } from "./schedule-keeper.ts";
import { Sweeper } from "./sweeper.ts";

/** How often what a deployment has is repeated, at most. Well below the time after which it is forgotten. */
const MAX_BEAT_MS = 15_000;

export interface WorkflowWorkerParts {
  readonly definition: WorkflowDefinition;
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly workerId: string;
  /** Activations at once in this process. */
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly sweepIntervalMs: number;
  readonly warmLimit: number;
  readonly warmAgeMs: number;
}

export class WorkflowWorker {
  readonly #parts: WorkflowWorkerParts;
  readonly #host: ActivationHost;
  readonly #leases: LeaseKeeper;
  readonly #restoration: Restoration;
  readonly #sweeper: Sweeper;
  readonly #schedules: ScheduleKeeper;
  #consumer: Consumer | undefined;
  #unsubscribe: Unsubscribe = () => {};
  #isClosing = false;
  #isAbandoned = false;

  constructor(parts: WorkflowWorkerParts) {
    this.#parts = parts;
    const dispatch = (requests: readonly ActivationRequest[]): void => this.#dispatch(requests);
    const compared = (): Promise<void> | undefined => this.#restoration.compared;
    this.#schedules = new ScheduleKeeper({
      ...parts,
      workflow: parts.definition.name,
      declaration: parts.definition.schedules,
      beatMs: Math.min(MAX_BEAT_MS, 1.5 * parts.leaseMs),
      dispatch,
    });
    this.#sweeper = new Sweeper({
      ...parts,
      intervalMs: parts.sweepIntervalMs,
      redispatchAfterMs: parts.leaseMs / 2,
      dispatch,
      compared,
      beat: async () => await this.#schedules.beat(),
    });
    this.#host = new ActivationHost({
      ...parts,
      warm: { countLimit: parts.warmLimit, ageMs: parts.warmAgeMs },
      dispatch,
      compared,
      confirm: async (known, unused) => await this.#restoration.confirm(known, unused),
      onSuspended: (wakesInMs) => this.#sweeper.lookIn(wakesInMs),
    });
    this.#restoration = new Restoration({
      ...parts,
      workflow: parts.definition.name,
      dispatch,
      histories: () => this.#host.histories,
      onLost: (instanceId) => this.#host.forget(instanceId),
    });
    const activations = (): readonly Activation[] => this.#host.activeActivations;
    this.#leases = new LeaseKeeper({ ...parts, activations, compared });
  }

  /** Instances that it runs now. */
  get activeCount(): number {
    return this.#host.activeActivations.length;
  }

  /** Resolves when this worker takes instances. Waits for a store that cannot be reached yet. */
  async start(): Promise<void> {
    await insist(async () => await this.#prepare(), {
      clock: this.#parts.clock,
      mayRetry: () => !this.#isClosing,
      onFailure: (error) => {
        this.#parts.telemetry.log("warn", "the store cannot be reached, trying again", { error });
      },
    });
    if (this.#isClosing) return this.#unsubscribe();
    this.#leases.start();
    this.#sweeper.start();
    this.#consumer = await this.#parts.dispatcher.consume(
      (instanceId) => this.#activate(instanceId),
      this.#parts.concurrency,
      async (key) => await this.#ring(key),
    );
    if (this.#isClosing) await this.#consumer.stop({ force: this.#isAbandoned });
  }

  /**
   * Takes nothing new, lets running steps end, and gives the instances back. Does not wait for a start
   * that is under way, which without a store takes for ever: it begins nothing any more.
   */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#restoration.close();
    const consumerStopped = this.#consumer?.stop({ force: this.#isAbandoned });
    // At once: a claim whose answer comes now begins no step any more.
    await Promise.all([this.#host.drain(), this.#sweeper.stop(), this.#schedules.stop()]);
    await consumerStopped;
    this.#leases.stop();
    this.#unsubscribe();
  }

  /** Stops at once. What it was running goes on elsewhere when its leases have run out. */
  abandon(): void {
    this.#isClosing = true;
    this.#isAbandoned = true;
    this.#restoration.close();
    this.#leases.stop();
    void this.#schedules.stop();
    this.#host.abandon();
    this.#consumer?.stop({ force: true }).catch(() => undefined);
  }

  async #prepare(): Promise<void> {
    const { store, definition, workerId } = this.#parts;
    const { concurrencyLimit } = definition;
    this.#dispatch(await store.configure({ concurrencyLimit }));
    await this.#schedules.start();
    this.#unsubscribe();
    const unsubscribe = await store.notices.onControl(workerId, (message) =>
      this.#host.receive(message),
    );
    const unwatch = store.notices.onConnection({
      onLost: () => this.#onConnectionLost(),
      onBack: () => void this.#onConnectionBack(),
    });
    this.#unsubscribe = () => {
      unsubscribe();
      unwatch();
    };
  }

  #onConnectionLost(): void {
    this.#restoration.suspend();
    for (const activation of this.#host.activeActivations) activation.doubtLease();
  }

  /** The store may be another one now, that knows less. */
  async #onConnectionBack(): Promise<void> {
    await this.#restoration.compareAll();
    if (!this.#isClosing) this.#leases.renewAll();
  }

  #activate(instanceId: string): Promise<void> {
    return this.#host.activate(instanceId).catch((error: unknown) => {
      // The request is on record as pending: it will be asked for again.
      this.#parts.telemetry.log("warn", "could not run an instance", { instanceId, error });
    });
  }

  async #ring(schedule: string): Promise<void> {
    try {
      await this.#schedules.ring(schedule);
    } catch (error) {
      // It stands in the store how far it has fired: the next beat of any worker finds it overdue.
      this.#parts.telemetry.log("warn", "could not fire a schedule", { schedule, error });
    }
  }

  #dispatch(requests: readonly ActivationRequest[]): void {
    if (requests.length === 0) return;
    this.#parts.dispatcher.dispatch(requests).catch((error: unknown) => {
      this.#parts.telemetry.log("warn", "could not dispatch, the sweeper will", { error });
    });
  }
}

/**
 * Runs the instances of one workflow in this process: takes activation requests from the dispatcher,
 * keeps leases, hears control messages, sweeps.
 */
import type { WorkflowDefinition } from "../engine/definition.ts";
import type {
  ActivationRequest,
  Clock,
  Consumer,
  Dispatcher,
  Store,
  Telemetry,
  Unsubscribe,
} from "../engine/ports.ts";
import { ActivationHost } from "./activation-host.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import { Sweeper } from "./sweeper.ts";

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
  readonly #sweeper: Sweeper;
  #consumer: Consumer | undefined;
  #unsubscribe: Unsubscribe = () => {};

  constructor(parts: WorkflowWorkerParts) {
    this.#parts = parts;
    const dispatch = (requests: readonly ActivationRequest[]): void => this.#dispatch(requests);
    this.#sweeper = new Sweeper({ ...parts, intervalMs: parts.sweepIntervalMs, dispatch });
    this.#host = new ActivationHost({
      ...parts,
      warm: { countLimit: parts.warmLimit, ageMs: parts.warmAgeMs },
      dispatch,
      onSuspended: (wakesInMs) => this.#sweeper.lookIn(wakesInMs),
    });
    this.#leases = new LeaseKeeper({ ...parts, activations: () => this.#host.activeActivations });
  }

  /** Resolves when this worker takes instances. */
  async start(): Promise<void> {
    const { store, dispatcher, definition, concurrency, workerId } = this.#parts;
    const { concurrencyLimit } = definition;
    this.#dispatch(await store.configure({ concurrencyLimit }));
    this.#unsubscribe = await store.onControl(workerId, (message) => this.#host.receive(message));
    this.#leases.start();
    this.#sweeper.start();
    this.#consumer = await dispatcher.consume(
      async (instanceId) => await this.#activate(instanceId),
      concurrency,
    );
  }

  /** Takes nothing new, lets running steps end, and gives the instances back. */
  async close(): Promise<void> {
    const consumerStopped = this.#consumer?.stop();
    await this.#sweeper.stop();
    await this.#host.drain();
    await consumerStopped;
    this.#leases.stop();
    this.#unsubscribe();
  }

  /** Stops at once. What it was running goes on elsewhere when its leases have run out. */
  abandon(): void {
    this.#leases.stop();
    this.#host.abandon();
  }

  async #activate(instanceId: string): Promise<void> {
    try {
      await this.#host.activate(instanceId);
    } catch (error) {
      // The request is on record as pending: it will be asked for again.
      this.#parts.telemetry.log("warn", "could not run an instance", { instanceId, error });
    }
  }

  #dispatch(requests: readonly ActivationRequest[]): void {
    if (requests.length === 0) return;
    this.#parts.dispatcher.dispatch(requests).catch((error: unknown) => {
      this.#parts.telemetry.log("warn", "could not dispatch, the sweeper will", { error });
    });
  }
}

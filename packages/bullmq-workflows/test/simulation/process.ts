/**
 * A simulated operating system process with one worker in it.
 *
 * Whatever comes into it (timers, answers, messages, jobs) comes through {@link SimulatedProcess.enter},
 * so that the process can stand still for a while, or for ever.
 */
import type { CancelTimer, Clock } from "../../src/engine/ports/clock.ts";
import type { Dispatcher } from "../../src/engine/ports/dispatcher.ts";
import type { ConnectionListener } from "../../src/engine/ports/notices.ts";
import type { WorkflowDefinition } from "../../src/engine/definition.ts";
import { MemoryDispatcher } from "../../src/memory/memory-dispatcher.ts";
import type { MemoryQueue } from "../../src/memory/memory-queue.ts";
import type { VirtualClock } from "../../src/memory/virtual-clock.ts";
import { WorkflowWorker } from "../../src/worker/workflow-worker.ts";
import type { Audit } from "./audit.ts";
import type { Chance } from "./chance.ts";
import type { GivenClaim } from "./remote-store.ts";
import { createRemoteStore } from "./remote-store.ts";
import type { Losses } from "./losses.ts";
import type { Network } from "./schedule.ts";

const LEASE_MS = 5_000;
const SWEEP_INTERVAL_MS = 2_000;

export interface ProcessParts {
  readonly workerId: string;
  readonly clock: VirtualClock;
  readonly audit: Audit;
  readonly losses: Losses;
  readonly queue: MemoryQueue;
  readonly network: Network;
  readonly chance: Chance;
  readonly warmLimit: number;
  /** The workflow as this process has it. */
  readonly define: (process: SimulatedProcess) => WorkflowDefinition;
  readonly onLog: (level: string, message: string, facts: unknown) => void;
}

export class SimulatedProcess {
  readonly workerId: string;
  readonly clock: Clock;
  readonly #parts: ProcessParts;
  readonly #dispatcher: MemoryDispatcher;
  readonly #worker: WorkflowWorker;
  readonly #held: (() => void)[] = [];
  readonly #connection: ConnectionListener[] = [];
  #state: "running" | "frozen" | "dead" = "running";
  /** Until when the store cannot be reached. */
  #outageUntil = -Infinity;
  #isolatedAt = Infinity;
  #isClosing = false;
  /** The claim that each instance's latest activation here works under. */
  readonly claims: Map<string, GivenClaim> = new Map();
  /** The latest pass through `run` of each instance here. */
  readonly passes: Map<string, object> = new Map();
  /** Activations taken from the dispatcher and not settled yet. */
  unsettled = 0;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.workerId = parts.workerId;
    const { clock, queue, warmLimit } = parts;
    this.clock = {
      now: () => clock.now(),
      after: (delayMs, callback) => this.#after(delayMs, callback),
      nextTurn: (callback) => clock.nextTurn(() => this.enter(callback)),
    };
    this.#dispatcher = new MemoryDispatcher(queue);
    this.#worker = new WorkflowWorker({
      definition: parts.define(this),
      store: createRemoteStore(this, {
        ...parts,
        claims: this.claims,
        onConfirmed: (confirmation) => parts.losses.confirm(this, confirmation),
        onConnection: (listener) => this.#connection.push(listener),
      }),
      dispatcher: this.#countingDispatcher(),
      clock: this.clock,
      telemetry: { log: parts.onLog, count: () => {} },
      workerId: parts.workerId,
      concurrency: 4,
      leaseMs: LEASE_MS,
      sweepIntervalMs: SWEEP_INTERVAL_MS,
      warmLimit,
      warmAgeMs: 60_000,
    });
  }

  get isDead(): boolean {
    return this.#state === "dead";
  }

  /** Whether it will take instances again without anything being done. */
  get isUseful(): boolean {
    return !this.isDead && !this.isIsolated && !this.#isClosing;
  }

  get isIsolated(): boolean {
    return this.#isolatedAt < Infinity;
  }

  /** How long ago it was isolated, in ms. */
  get isolatedForMs(): number {
    return this.#parts.clock.now() - this.#isolatedAt;
  }

  get hasOutage(): boolean {
    return this.#parts.clock.now() < this.#outageUntil;
  }

  async start(): Promise<void> {
    await this.#worker.start();
  }

  /** Lets something into the process, now or when it moves again. */
  enter(callback: () => void): void {
    if (this.#state === "running") callback();
    else if (this.#state === "frozen") this.#held.push(callback);
  }

  crash(): void {
    this.#state = "dead";
    this.#held.length = 0;
    this.#dispatcher.kill();
  }

  isolate(): void {
    this.#isolatedAt = Math.min(this.#isolatedAt, this.#parts.clock.now());
    this.#dispatcher.kill();
  }

  freeze(forMs: number): void {
    if (this.#state !== "running") return;
    this.#state = "frozen";
    this.#parts.clock.after(forMs, () => this.#thaw());
  }

  cutOff(forMs: number): void {
    this.#outageUntil = Math.max(this.#outageUntil, this.#parts.clock.now() + forMs);
  }

  loseConnection(): void {
    if (this.isIsolated) return;
    this.enter(() => this.#connection.forEach(({ onLost }) => onLost()));
  }

  regainConnection(): void {
    if (this.isIsolated) return;
    this.enter(() => this.#connection.forEach(({ onBack }) => onBack()));
  }

  close(): void {
    if (!this.isUseful || this.#state !== "running") return;
    this.#isClosing = true;
    void this.#worker.close();
  }

  /** Whatever it suffers from ends now. */
  recover(): void {
    this.#outageUntil = -Infinity;
    this.#thaw();
  }

  /** Each in a turn of its own, as they would have come in. */
  #thaw(): void {
    if (this.#state !== "frozen") return;
    this.#state = "running";
    for (const callback of this.#held.splice(0)) {
      this.#parts.clock.nextTurn(() => this.enter(callback));
    }
  }

  /** A timer that was cancelled while the process stood still does not fire afterwards. */
  #after(delayMs: number, callback: () => void): CancelTimer {
    let isCancelled = false;
    const cancel = this.#parts.clock.after(delayMs, () =>
      this.enter(() => {
        if (!isCancelled) callback();
      }),
    );
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  #countingDispatcher(): Dispatcher {
    return {
      dispatch: async (requests) => await this.#dispatcher.dispatch(requests),
      setAlarms: async (alarms) => await this.#dispatcher.setAlarms(alarms),
      consume: async (activate, concurrency, ring = async () => {}) =>
        await this.#dispatcher.consume(
          async (instanceId) => {
            this.unsettled++;
            await new Promise<void>((resolve) => this.enter(resolve));
            await activate(instanceId).finally(() => this.unsettled--);
          },
          concurrency,
          async (key) => {
            await new Promise<void>((resolve) => this.enter(resolve));
            await ring(key);
          },
        ),
      waiting: async (limit) => await this.#dispatcher.waiting(limit),
      close: async () => await this.#dispatcher.close(),
    };
  }
}

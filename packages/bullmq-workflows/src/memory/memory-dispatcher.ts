/**
 * A dispatcher within this process. Dispatchers made on one {@link MemoryQueue} are to each other what
 * several processes on one BullMQ queue are.
 *
 * Like BullMQ it promises no more than "at least once": a request whose activation rejects is through,
 * and what a killed process had taken is lost. The sweeper asks for it again (I3).
 */
import type {
  ActivationRequest,
  Consumer,
  Dispatcher,
  WaitingRequests,
  Alarm,
  Ring,
} from "../engine/ports/dispatcher.ts";
import { MemoryQueue } from "./memory-queue.ts";
import type { QueuedRequest, Taker } from "./memory-queue.ts";

type Activate = (instanceId: string) => Promise<void>;

export class MemoryDispatcher implements Dispatcher {
  readonly queue: MemoryQueue;
  readonly #consumers = new Set<MemoryConsumer>();
  #state: "open" | "closed" | "killed" = "open";

  constructor(queue: MemoryQueue = new MemoryQueue()) {
    this.queue = queue;
  }

  async dispatch(requests: readonly ActivationRequest[]): Promise<void> {
    await this.#assertOpen();
    requests.forEach((request) => this.queue.add(request));
  }

  async setAlarms(alarms: readonly Alarm[]): Promise<void> {
    await this.#assertOpen();
    this.queue.alarms.set(alarms);
  }

  async consume(
    activate: Activate,
    concurrency: number,
    ring: Ring = async () => {},
  ): Promise<Consumer> {
    await this.#assertOpen();
    const consumer = new MemoryConsumer(this.queue, { activate, concurrency, ring });
    this.#consumers.add(consumer);
    return consumer;
  }

  async waiting(limit: number): Promise<WaitingRequests> {
    await this.#assertOpen();
    return { count: this.queue.size, instanceIds: this.queue.waitingIds(limit) };
  }

  async close(): Promise<void> {
    this.#state = "closed";
    await Promise.all([...this.#consumers].map(async (consumer) => await consumer.stop()));
  }

  /** For tests: what a crash of the process does. What it had taken may be asked for again. */
  kill(): void {
    this.#state = "killed";
    this.#consumers.forEach((consumer) => consumer.kill());
  }

  async #assertOpen(): Promise<void> {
    if (this.#state === "killed") {
      await new Promise(() => undefined);
    }
    if (this.#state === "closed") {
      throw new Error("The dispatcher is closed");
    }
  }
}

interface Work {
  readonly activate: Activate;
  readonly concurrency: number;
  readonly ring: Ring;
}

class MemoryConsumer implements Consumer, Taker {
  readonly #queue: MemoryQueue;
  readonly #activate: Activate;
  readonly #concurrency: number;
  readonly #taken = new Map<QueuedRequest, Promise<void>>();
  readonly #rung = new Set<Promise<void>>();
  readonly #stopListening: () => void;

  constructor(queue: MemoryQueue, { activate, concurrency, ring }: Work) {
    this.#queue = queue;
    this.#activate = activate;
    this.#concurrency = concurrency;
    this.#stopListening = queue.alarms.listen(async (key) => await this.#ring(ring(key)));
    queue.join(this);
  }

  get hasRoom(): boolean {
    return this.#taken.size < this.#concurrency;
  }

  take(queued: QueuedRequest): void {
    // What goes wrong in there is for who activates to say; it must only not stop the others.
    const settle = (): void => this.#settle(queued);
    const activation = Promise.resolve(queued.request.instanceId).then(this.#activate);
    this.#taken.set(queued, activation.then(settle, settle));
  }

  async stop(): Promise<void> {
    this.#leave();
    await Promise.allSettled([...this.#taken.values(), ...this.#rung]);
  }

  kill(): void {
    this.#leave();
    const lost = [...this.#taken.keys()];
    this.#taken.clear();
    lost.forEach((queued) => this.#queue.settle(queued));
  }

  #leave(): void {
    this.#stopListening();
    this.#queue.leave(this);
  }

  async #ring(rung: Promise<void>): Promise<void> {
    this.#rung.add(rung);
    await rung.finally(() => this.#rung.delete(rung));
  }

  #settle(queued: QueuedRequest): void {
    if (this.#taken.delete(queued)) {
      this.#queue.settle(queued);
    }
  }
}

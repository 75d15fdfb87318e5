/**
 * A dispatcher within this process. Dispatchers made on one {@link MemoryQueue} are to each other what
 * several processes on one BullMQ queue are.
 *
 * Like BullMQ it promises no more than "at least once": a request whose activation rejects is through,
 * and what a killed process had taken is lost. The sweeper asks for it again (I3).
 */
import type { ActivationRequest, Consumer, Dispatcher } from "../engine/ports.ts";
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

  async consume(activate: Activate, concurrency: number): Promise<Consumer> {
    await this.#assertOpen();
    const consumer = new MemoryConsumer(this.queue, activate, concurrency);
    this.#consumers.add(consumer);
    return consumer;
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

class MemoryConsumer implements Consumer, Taker {
  readonly #queue: MemoryQueue;
  readonly #activate: Activate;
  readonly #concurrency: number;
  readonly #taken = new Map<QueuedRequest, Promise<void>>();

  constructor(queue: MemoryQueue, activate: Activate, concurrency: number) {
    this.#queue = queue;
    this.#activate = activate;
    this.#concurrency = concurrency;
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
    this.#queue.leave(this);
    await Promise.all(this.#taken.values());
  }

  kill(): void {
    this.#queue.leave(this);
    const lost = [...this.#taken.keys()];
    this.#taken.clear();
    lost.forEach((queued) => this.#queue.settle(queued));
  }

  #settle(queued: QueuedRequest): void {
    if (this.#taken.delete(queued)) {
      this.#queue.settle(queued);
    }
  }
}

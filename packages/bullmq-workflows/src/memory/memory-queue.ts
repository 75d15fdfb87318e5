/**
 * Activation requests on their way to some consumer, in this process.
 *
 * Requests wait by rank, then in the order of their arrival. One that is queued or being worked on is
 * not taken in again, which makes dispatching twice as harmless as BullMQ's job ids make it. One that
 * is through may come again.
 */
import type { Clock } from "../engine/ports/clock.ts";
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import { MemoryAlarms } from "./memory-alarms.ts";
import { SortedList } from "./sorted-list.ts";

/** What a test wants to become of a dispatched request. */
interface Interference {
  /** 0 loses it, 2 delivers it twice, even at once. @defaultValue 1 */
  readonly copies?: number;
  /** How much later it arrives, in ms. @defaultValue 0 */
  readonly delayMs?: number;
}

export type Interfere = (request: ActivationRequest) => Interference | undefined;

/** Whoever takes requests off the queue. */
export interface Taker {
  readonly hasRoom: boolean;
  take(request: QueuedRequest): void;
}

export interface QueuedRequest {
  readonly request: ActivationRequest;
  readonly order: number;
  /** Two requests with the same key are one. */
  readonly key: string;
}

export class MemoryQueue {
  readonly #waiting = new SortedList<QueuedRequest>(
    (a, b) => a.request.rank - b.request.rank || a.order - b.order,
  );
  readonly #keys = new Set<string>();
  readonly #takers: Taker[] = [];
  readonly alarms: MemoryAlarms;
  readonly #clock: Clock | undefined;
  #interfere: Interfere = () => undefined;
  #order = 0;
  #isHandingOut = false;

  /** The clock is needed only for alarms, and for requests that a test delays. */
  constructor(clock?: Clock) {
    this.#clock = clock;
    this.alarms = new MemoryAlarms(clock);
  }

  /** How many requests nobody has taken yet. */
  get size(): number {
    return this.#waiting.size;
  }

  /** The instances of those that go first. */
  waitingIds(limit: number): readonly string[] {
    return this.#waiting.takeWhile(() => true, limit).map(({ request }) => request.instanceId);
  }

  /** For tests: decides for each request from now on whether it gets lost, doubled or late. */
  interfere(interfere: Interfere): void {
    this.#interfere = interfere;
  }

  add(request: ActivationRequest): void {
    const { copies = 1, delayMs = 0 } = this.#interfere(request) ?? {};
    const arrive = (): void => {
      for (let copy = 0; copy < copies; copy += 1) {
        this.#enqueue(request, copy);
      }
      this.#handOut();
    };
    if (delayMs === 0) {
      arrive();
      return;
    }
    if (this.#clock === undefined) {
      throw new Error("A queue that is to delay requests needs a clock");
    }
    this.#clock.after(delayMs, arrive);
  }

  /** The request is through, and may be asked for again. */
  settle({ key }: QueuedRequest): void {
    this.#keys.delete(key);
    this.#handOut();
  }

  join(taker: Taker): void {
    this.#takers.push(taker);
    this.#handOut();
  }

  leave(taker: Taker): void {
    const index = this.#takers.indexOf(taker);
    if (index !== -1) {
      this.#takers.splice(index, 1);
    }
  }

  #enqueue(request: ActivationRequest, copy: number): void {
    const key = `${request.wakeUp}:${copy}:${request.instanceId}`;
    if (!this.#keys.has(key)) {
      this.#keys.add(key);
      this.#order += 1;
      this.#waiting.add({ request: { ...request }, order: this.#order, key });
    }
  }

  /** In a microtask, so that what is dispatched together is put in order before any of it is taken. */
  #handOut(): void {
    if (this.#isHandingOut) {
      return;
    }
    this.#isHandingOut = true;
    queueMicrotask(() => {
      this.#isHandingOut = false;
      while (this.#waiting.size > 0 && this.#giveFirst()) {
        // Until the queue is empty or nobody has room.
      }
    });
  }

  #giveFirst(): boolean {
    const taker = this.#takers.find(({ hasRoom }) => hasRoom);
    const first = taker && this.#waiting.shift();
    if (taker === undefined || first === undefined) {
      return false;
    }
    // To the back of the line, so that the load is shared.
    this.leave(taker);
    this.#takers.push(taker);
    taker.take(first);
    return true;
  }
}

/**
 * Waits for instances to end, without polling: it listens first, then looks, then waits to be told.
 *
 * Listening before looking leaves no gap for the end to fall into; after a lost connection everything
 * that is waited for is looked at again.
 */
import {
  EngineClosedError,
  InstanceTerminatedError,
  WorkflowTimeoutError,
} from "../model/errors.ts";
import { insist } from "../engine/insist.ts";
import type { PayloadCodec } from "../model/payload.ts";
import { isFinished } from "../model/status.ts";
import type { Clock, InstanceRecord, Store, Unsubscribe } from "../engine/ports.ts";
import type { Absences, Sighting } from "./absences.ts";

/** Where one caller waits. */
interface Waiter {
  readonly settle: (record: InstanceRecord) => void;
  readonly fail: (error: unknown) => void;
}

/** Those who wait for one instance, and when it was last there. */
interface Waiting {
  readonly waiters: Set<Waiter>;
  sighting: Sighting | undefined;
}

export interface ResultWaiterParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly absences: Absences;
  readonly codec: PayloadCodec;
}

export class ResultWaiter {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #absences: Absences;
  readonly #codec: PayloadCodec;
  readonly #waiters = new Map<string, Waiting>();
  #listening: Promise<Unsubscribe> | undefined;
  #isClosed = false;

  constructor({ store, clock, absences, codec }: ResultWaiterParts) {
    this.#store = store;
    this.#clock = clock;
    this.#absences = absences;
    this.#codec = codec;
  }

  /** Resolves with the output, rejects with the error; `Infinity` waits for ever. */
  async wait(instanceId: string, timeoutMs: number, sighting?: Sighting): Promise<unknown> {
    if (this.#isClosed) throw new EngineClosedError();
    let leave = (): void => {};
    const ended = new Promise<InstanceRecord>((settle, fail) => {
      const expire = (): void => fail(new WorkflowTimeoutError("result.timed_out", timeoutMs));
      const cancel = timeoutMs === Infinity ? () => {} : this.#clock.after(timeoutMs, expire);
      const waiter = { settle, fail };
      this.#join(instanceId, waiter, sighting);
      leave = () => {
        cancel();
        this.#leave(instanceId, waiter);
      };
    });
    void this.#listenThenLook(instanceId);
    try {
      return toResult(await ended, this.#codec);
    } finally {
      leave();
    }
  }

  /** Nobody is told of an end any more, so everyone who waits is told that. */
  close(): void {
    this.#isClosed = true;
    for (const { waiters } of this.#waiters.values()) {
      for (const waiter of waiters) waiter.fail(new EngineClosedError());
    }
    this.#listening?.then(
      (unsubscribe) => unsubscribe(),
      () => undefined,
    );
  }

  #join(instanceId: string, waiter: Waiter, sighting: Sighting | undefined): void {
    const waiting = this.#waiters.get(instanceId) ?? { waiters: new Set(), sighting };
    waiting.sighting ??= sighting;
    waiting.waiters.add(waiter);
    this.#waiters.set(instanceId, waiting);
  }

  #leave(instanceId: string, waiter: Waiter): void {
    const waiting = this.#waiters.get(instanceId);
    waiting?.waiters.delete(waiter);
    if (waiting?.waiters.size === 0) this.#waiters.delete(instanceId);
  }

  async #listenThenLook(instanceId: string): Promise<void> {
    try {
      await insist(async () => await this.#listen(), {
        clock: this.#clock,
        mayRetry: () => this.#waiters.has(instanceId),
      });
    } catch (error) {
      for (const waiter of this.#waiters.get(instanceId)?.waiters ?? []) waiter.fail(error);
    }
    await this.#look(instanceId);
  }

  /** One subscription serves all waiters, and is made when the first one comes. */
  async #listen(): Promise<void> {
    this.#listening ??= this.#store.onFinished(
      (instanceId) => void this.#look(instanceId),
      () => {
        for (const instanceId of this.#waiters.keys()) void this.#look(instanceId);
      },
    );
    const listening = this.#listening;
    try {
      await listening;
    } catch (error) {
      if (this.#listening === listening) this.#listening = undefined;
      throw error;
    }
  }

  async #look(instanceId: string): Promise<void> {
    const waiting = this.#waiters.get(instanceId);
    if (!waiting) return;
    const { waiters } = waiting;
    try {
      const record = await insist(async () => await this.#store.get(instanceId), {
        clock: this.#clock,
        mayRetry: () => waiters.size > 0,
      });
      if (!record) throw await this.#absences.explain(instanceId, waiting.sighting);
      waiting.sighting = this.#absences.see(record);
      if (!isFinished(record.status)) return;
      for (const waiter of waiters) waiter.settle(record);
    } catch (error) {
      for (const waiter of waiters) waiter.fail(error);
    }
  }
}

function toResult(record: InstanceRecord, codec: PayloadCodec): unknown {
  if (record.output !== undefined) return codec.decode(record.output);
  if (record.error !== undefined) throw codec.cross(codec.decodeError(record.error));
  throw new InstanceTerminatedError(record.id);
}

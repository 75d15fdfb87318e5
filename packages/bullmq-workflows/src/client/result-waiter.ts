/**
 * Waits for instances to end, without polling: it listens first, then looks, then waits to be told.
 *
 * Listening before looking leaves no gap for the end to fall into; after a lost connection everything
 * that is waited for is looked at again. What was created since it listens need not be looked at.
 * A short result comes with the news of the end. News may be late, and of an end before a restart: so
 * it counts only if its fence is not below what was seen in a look that began after the waiting.
 */
import {
  EngineClosedError,
  InstanceTerminatedError,
  WorkflowTimeoutError,
} from "../model/errors.ts";
import { insist } from "../engine/insist.ts";
import type { PayloadCodec } from "../model/payload.ts";
import { isFinished } from "../model/status.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { InstanceRecord } from "../engine/ports/instances.ts";
import type { EndNotice, Unsubscribe } from "../engine/ports/notices.ts";
import type { Store } from "../engine/ports/store.ts";
import type { Absences, Sighting } from "./absences.ts";
import { HeardEnds } from "./heard-ends.ts";

/** Where one caller waits. */
interface Waiter {
  readonly settle: (ended: Ended) => void;
  readonly fail: (error: unknown) => void;
}

/** An instance that has ended: with an output, an error, or neither. */
type Ended = Pick<InstanceRecord, "id" | "output" | "error">;

/** Those who wait for one instance, and what was seen of it. */
interface Waiting {
  readonly waiters: Set<Waiter>;
  /** When it was last there. */
  sighting: Sighting | undefined;
  /** Its last number in a look that all who wait have waited for. */
  lastNumber: number | undefined;
  /** How many have ever come to wait. */
  arrivals: number;
}

export interface ResultWaiterParts {
  readonly store: Pick<Store, "instances" | "notices">;
  readonly clock: Clock;
  readonly absences: Absences;
  readonly codec: PayloadCodec;
}

export class ResultWaiter {
  readonly #store: Pick<Store, "instances" | "notices">;
  readonly #clock: Clock;
  readonly #absences: Absences;
  readonly #codec: PayloadCodec;
  readonly #waiters = new Map<string, Waiting>();
  readonly #ends = new HeardEnds();
  #listening: Promise<Unsubscribe> | undefined;
  #isClosed = false;

  constructor({ store, clock, absences, codec }: ResultWaiterParts) {
    this.#store = store;
    this.#clock = clock;
    this.#absences = absences;
    this.#codec = codec;
  }

  /** Before an instance is created, for its {@link Sighting}. */
  get moment(): number | undefined {
    return this.#ends.moment;
  }

  /** Resolves with the output, rejects with the error; `Infinity` waits for ever. */
  async wait(instanceId: string, timeoutMs: number, sighting?: Sighting): Promise<unknown> {
    if (this.#isClosed) throw new EngineClosedError();
    let leave = (): void => {};
    const ended = new Promise<Ended>((settle, fail) => {
      const expire = (): void => fail(new WorkflowTimeoutError("result.timed_out", timeoutMs));
      const cancel = timeoutMs === Infinity ? () => {} : this.#clock.after(timeoutMs, expire);
      const waiter = { settle, fail };
      if (!this.#join(instanceId, waiter, sighting)) void this.#listenThenLook(instanceId);
      leave = () => {
        cancel();
        this.#leave(instanceId, waiter);
      };
    });
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

  /** Answers whether its end, and no earlier one, is surely still to be told. */
  #join(instanceId: string, waiter: Waiter, sighting: Sighting | undefined): boolean {
    const waiting = this.#waiters.get(instanceId) ?? newWaiting();
    const since = sighting?.createdSince;
    const isFirst = waiting.arrivals === 0;
    const isAhead = isFirst && since !== undefined && this.#ends.hasNone(instanceId, since);
    waiting.sighting ??= sighting;
    waiting.lastNumber = isAhead ? 0 : undefined;
    waiting.arrivals++;
    waiting.waiters.add(waiter);
    this.#waiters.set(instanceId, waiting);
    return isAhead;
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
    this.#listening ??= this.#store.notices.onFinished(
      (notice) => this.#hear(notice),
      () => {
        this.#ends.skip();
        for (const instanceId of this.#waiters.keys()) void this.#look(instanceId);
      },
    );
    const listening = this.#listening;
    try {
      await listening;
      this.#ends.begin();
    } catch (error) {
      if (this.#listening === listening) this.#listening = undefined;
      throw error;
    }
  }

  #hear({ instanceId, end }: EndNotice): void {
    this.#ends.hear(instanceId);
    const waiting = this.#waiters.get(instanceId);
    if (!waiting) return;
    const { waiters, lastNumber = Infinity } = waiting;
    if (!end || end.fence < lastNumber) return void this.#look(instanceId);
    for (const waiter of waiters) waiter.settle({ id: instanceId, ...end.result });
  }

  async #look(instanceId: string): Promise<void> {
    const waiting = this.#waiters.get(instanceId);
    if (!waiting) return;
    const { waiters, arrivals } = waiting;
    try {
      const record = await insist(async () => await this.#store.instances.get(instanceId), {
        clock: this.#clock,
        mayRetry: () => waiters.size > 0,
      });
      if (!record) throw await this.#absences.explain(instanceId, waiting.sighting);
      waiting.sighting = this.#absences.see(record);
      if (waiting.arrivals === arrivals) waiting.lastNumber = record.lastNumber;
      if (!isFinished(record.status)) return;
      for (const waiter of waiters) waiter.settle(record);
    } catch (error) {
      for (const waiter of waiters) waiter.fail(error);
    }
  }
}

function newWaiting(): Waiting {
  return { waiters: new Set(), sighting: undefined, lastNumber: undefined, arrivals: 0 };
}

function toResult(ended: Ended, codec: PayloadCodec): unknown {
  if (ended.output !== undefined) return codec.decode(ended.output);
  if (ended.error !== undefined) throw codec.cross(codec.decodeError(ended.error));
  throw new InstanceTerminatedError(ended.id);
}

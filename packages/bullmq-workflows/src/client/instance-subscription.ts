/**
 * The events of one instance, for one consumer: those on record first, then what comes, without a gap.
 *
 * The history is read in parts, and only when the consumer asks for an event that is not here yet. So a slow
 * one keeps no more than one part, and whatever happens meanwhile only says that there is more to read: a
 * message that got lost, or a connection that broke, can make it late but not incomplete.
 */
import { insist } from "../engine/insist.ts";
import { openStoredStream } from "../engine/stored-stream.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { HistoryPage } from "../engine/ports/history.ts";
import type { Store } from "../engine/ports/store.ts";
import { EngineClosedError } from "../model/errors.ts";
import type { ErrorForm } from "../model/error-folding.ts";
import { InstanceEvents } from "../model/instance-events.ts";
import type { WorkflowInstanceEvent } from "../model/instance-event-types.ts";
import { observeValues } from "../model/observed-values.ts";
import type { ObservedValues } from "../model/observed-values.ts";
import type { PayloadCodec } from "../model/payload.ts";
import { InstanceLostError, StepOutputCorruptError } from "../model/store-errors.ts";
import type { Absences, Sighting } from "./absences.ts";
import { WATCH_MS } from "./history-watches.ts";
import type { HistoryWatches } from "./history-watches.ts";
import type { ResolvedSubscribeOptions } from "./subscribe-options.ts";

/** Entries read at once. */
export const PAGE_ENTRIES = 100;

const DONE = { done: true, value: undefined } as const;

/**
 * The events of one instance in order. Cloudflare's shape; that it is also an async iterator is ours.
 *
 * @example
 * ```ts
 * using subscription = await instance.subscribe();
 * for await (const event of subscription) console.log(event.eventId, event.type);
 * ```
 */
export interface WorkflowInstanceSubscription {
  /** The next event, as soon as there is one. `done` after the last one, and once it was disposed of. */
  next(): Promise<IteratorResult<WorkflowInstanceEvent, void>>;
  /** Ours. Stops it, as leaving a `for await` does. */
  return(): Promise<IteratorReturnResult<void>>;
  [Symbol.asyncIterator](): WorkflowInstanceSubscription;
  /** Stops it: who waits for an event is answered with `done`. */
  [Symbol.dispose](): void;
}

export interface SubscriptionParts {
  readonly instanceId: string;
  readonly store: Pick<Store, "instances" | "streams">;
  readonly clock: Clock;
  readonly watches: HistoryWatches;
  readonly absences: Absences;
  readonly codec: PayloadCodec;
  readonly errors: ErrorForm;
  /** How a stream that a step returned is told of. @defaultValue "opened", for the consumer to read */
  readonly streams?: "opened" | "previewed";
}

export class InstanceSubscription implements WorkflowInstanceSubscription {
  readonly #parts: SubscriptionParts;
  readonly #options: ResolvedSubscribeOptions;
  readonly #values: ObservedValues;
  /** Tells the instance from another one that has its id later. */
  readonly #nonce: string;
  #edition: number;
  #events: InstanceEvents;
  /** What was read and not asked for yet, last first. */
  #ready: WorkflowInstanceEvent[] = [];
  #hasMore = false;
  #isChanged = false;
  #isOver = false;
  #sighting: Sighting;
  #leave: (() => void) | undefined;
  #wake = (): void => {};
  #interrupt = (): void => {};
  /** Calls of `next` are answered one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param page the first of its history. */
  constructor(parts: SubscriptionParts, options: ResolvedSubscribeOptions, page: HistoryPage) {
    this.#parts = parts;
    this.#options = options;
    const explain = (): Error => new StepOutputCorruptError();
    const source = { ...parts, isOver: () => parts.watches.isClosed, explain };
    this.#values = observeValues({
      ...parts,
      ...(parts.streams !== "previewed" && {
        openStream: (stream, step) => openStoredStream(source, stream, step),
      }),
    });
    this.#nonce = page.nonce;
    this.#edition = page.edition;
    this.#sighting = parts.absences.see(page);
    this.#events = this.#fold(options.cursor);
    this.#take(page);
  }

  async next(): Promise<IteratorResult<WorkflowInstanceEvent, void>> {
    const answer = this.#turn.then(async () => await this.#next());
    this.#turn = answer.catch(() => undefined);
    return await answer;
  }

  async return(): Promise<IteratorReturnResult<void>> {
    this[Symbol.dispose]();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.#ready = [];
    this.#end();
    this.#interrupt();
  }

  async #next(): Promise<IteratorResult<WorkflowInstanceEvent, void>> {
    for (;;) {
      const value = this.#ready.pop();
      if (value) return { done: false, value };
      if (this.#isOver) return DONE;
      await this.#untilOver(this.#goOn());
    }
  }

  /** Whatever is still under way when it ends, nobody waits for it. */
  async #untilOver(work: Promise<void>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#interrupt = resolve;
      work.then(resolve, reject);
    });
  }

  /** Listens before it looks, so that there is no gap for anything to fall into. */
  async #goOn(): Promise<void> {
    const { watches, instanceId } = this.#parts;
    if (watches.isClosed) throw new EngineClosedError();
    if (this.#hasMore || this.#isChanged) return await this.#read();
    if (this.#leave === undefined) {
      this.#leave = await watches.join(instanceId, this.#onChange);
      this.#isChanged = true;
      // It may have been disposed of meanwhile.
      if (this.#isOver) this.#end();
      return;
    }
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  readonly #onChange = (): void => {
    this.#isChanged = true;
    this.#wake();
  };

  async #read(): Promise<void> {
    this.#isChanged = false;
    const { instanceId, store, clock, watches } = this.#parts;
    const request = { instanceId, from: this.#events.entries, limit: PAGE_ENTRIES };
    const page = await insist(
      async () => await store.instances.readHistory({ ...request, watchMs: WATCH_MS }),
      { clock, mayRetry: () => !this.#isOver && !watches.isClosed },
    ).catch((error: unknown) => {
      throw watches.isClosed ? new EngineClosedError({ cause: error }) : error;
    });
    if (this.#isOver) return;
    if (page?.nonce !== this.#nonce) return await this.#disappear();
    this.#sighting = this.#parts.absences.see(page);
    const isSame = page.edition === this.#edition && page.length >= this.#events.entries;
    if (isSame) return this.#take(page);
    // What was read was wiped, or lost. Ids go on from higher ones, and nothing is told twice.
    this.#edition = page.edition;
    this.#events = this.#fold(Math.max(this.#options.cursor, this.#events.lastId));
    this.#isChanged = true;
  }

  #take(page: HistoryPage): void {
    this.#ready = this.#events.advance(page).toReversed();
    this.#hasMore = this.#events.entries < page.length;
    if (this.#events.isOver) this.#end();
  }

  #fold(cursor: number): InstanceEvents {
    const { filter } = this.#options;
    return new InstanceEvents(
      this.#parts.instanceId,
      (eventId, type) => eventId > cursor && (filter === undefined || filter.has(type)),
      this.#values,
    );
  }

  /** It was deleted, which ends the subscription, or lost, which nobody meant to happen. */
  async #disappear(): Promise<void> {
    this.#end();
    const { absences, instanceId } = this.#parts;
    const reason = await absences.explain(instanceId, this.#sighting);
    if (reason instanceof InstanceLostError) throw reason;
  }

  #end(): void {
    this.#isOver = true;
    this.#leave?.();
    this.#leave = undefined;
  }
}

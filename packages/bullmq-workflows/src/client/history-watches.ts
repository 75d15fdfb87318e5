/**
 * Hears of changes to the histories of instances: one channel for each that anybody here watches, however
 * many do.
 *
 * The marks that make the store tell of changes are left by who reads, and fade. So everyone is asked to
 * look again well before that, which also finds what no message told of.
 */
import { insist } from "../engine/insist.ts";
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import type { Unsubscribe } from "../engine/ports/notices.ts";
import type { Store } from "../engine/ports/store.ts";
import { EngineClosedError } from "../model/errors.ts";
import { endOnceOpened, every, joined } from "./shared-watch.ts";

/** How long a mark lasts. */
export const WATCH_MS = 120_000;

/** How often everyone looks, though nothing was heard. */
const LOOK_INTERVAL_MS = 60_000;

export interface HistoryWatchesParts {
  readonly store: Pick<Store, "notices">;
  readonly clock: Clock;
}

interface Channel {
  readonly listeners: Set<() => void>;
  readonly opened: Promise<Unsubscribe>;
  readonly cancelLook: CancelTimer;
}

export class HistoryWatches {
  readonly #parts: HistoryWatchesParts;
  readonly #channels = new Map<string, Channel>();
  #isClosed = false;

  constructor(parts: HistoryWatchesParts) {
    this.#parts = parts;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Calls back whenever the history may have changed. Resolves once nothing is missed from now on, if it is
   * read with a mark after that.
   *
   * @throws {@link EngineClosedError}
   */
  async join(instanceId: string, onChange: () => void): Promise<() => void> {
    if (this.#isClosed) throw new EngineClosedError();
    const channel = this.#channels.get(instanceId) ?? this.#open(instanceId);
    // An object of its own, so that one listener may join twice.
    const listener = (): void => onChange();
    channel.listeners.add(listener);
    const leave = (): void => this.#leave(instanceId, channel, listener);
    return await joined(channel.opened, leave, () => this.#isClosed);
  }

  /** Nobody is told of anything any more, so everyone is told that. */
  close(): void {
    this.#isClosed = true;
    for (const [instanceId, channel] of this.#channels) {
      const listeners = [...channel.listeners];
      this.#shut(instanceId, channel);
      for (const listener of listeners) listener();
    }
  }

  #open(instanceId: string): Channel {
    const { store, clock } = this.#parts;
    const listeners = new Set<() => void>();
    const tell = (): void => {
      for (const listener of listeners) listener();
    };
    const opened = insist(async () => await store.notices.onHistory(instanceId, tell), {
      clock,
      mayRetry: () => listeners.size > 0 && !this.#isClosed,
    });
    const channel = { listeners, opened, cancelLook: every(clock, LOOK_INTERVAL_MS, tell) };
    this.#channels.set(instanceId, channel);
    return channel;
  }

  #leave(instanceId: string, channel: Channel, listener: () => void): void {
    channel.listeners.delete(listener);
    if (channel.listeners.size === 0) this.#shut(instanceId, channel);
  }

  #shut(instanceId: string, channel: Channel): void {
    channel.listeners.clear();
    channel.cancelLook();
    if (this.#channels.get(instanceId) === channel) this.#channels.delete(instanceId);
    endOnceOpened(channel.opened);
  }
}

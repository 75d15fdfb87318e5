/**
 * Hears of every change of status of a workflow's instances: once for all here who want to, and only while
 * anybody does.
 *
 * That changes are told at all has to be asked for again and again. Whoever was not heard of for too long,
 * or may have missed messages, learns that there was a gap, and looks for himself.
 */
import { insist } from "../engine/insist.ts";
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import type { Unsubscribe } from "../engine/ports/notices.ts";
import type { StatusChange, StatusFeed } from "../engine/ports/status-feed.ts";
import { EngineClosedError } from "../model/errors.ts";
import { WATCH_MS } from "./history-watches.ts";
import { endOnceOpened, every, joined } from "./shared-watch.ts";

/** How often it is asked for. */
const RENEW_MS = 60_000;

export interface FeedListener {
  readonly onChange: (change: StatusChange) => void;
  /** Changes may have been missed. */
  readonly onGap: () => void;
}

export interface FeedWatchParts {
  readonly feed: StatusFeed;
  readonly clock: Clock;
}

interface Session {
  readonly opened: Promise<Unsubscribe>;
  readonly cancelRenewal: CancelTimer;
}

export class FeedWatch {
  readonly #parts: FeedWatchParts;
  readonly #listeners = new Set<FeedListener>();
  #session: Session | undefined;
  #isClosed = false;

  constructor(parts: FeedWatchParts) {
    this.#parts = parts;
  }

  /**
   * Resolves, with how to leave, once nothing is missed from now on.
   *
   * @throws {@link EngineClosedError}
   */
  async join(listener: FeedListener): Promise<() => void> {
    if (this.#isClosed) throw new EngineClosedError();
    // An object of its own, so that one listener may join twice.
    const own = { ...listener };
    this.#listeners.add(own);
    const session = (this.#session ??= this.#open());
    const leave = (): void => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0 && this.#session === session) this.#shut();
    };
    return await joined(session.opened, leave, () => this.#isClosed);
  }

  /** Nobody is told of anything any more, so everyone is told that. */
  close(): void {
    this.#isClosed = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    this.#shut();
    for (const { onGap } of listeners) onGap();
  }

  #open(): Session {
    const { feed, clock } = this.#parts;
    const opened = this.#insist(async () => await feed.listen(this.#tell, this.#onGap)).then(
      async (unsubscribe) => {
        await this.#insist(async () => await feed.watch(WATCH_MS));
        return unsubscribe;
      },
    );
    const cancelRenewal = every(clock, RENEW_MS, () => void this.#renew(session));
    const session: Session = { opened, cancelRenewal };
    return session;
  }

  readonly #tell = (change: StatusChange): void => {
    for (const { onChange } of this.#listeners) onChange(change);
  };

  /** A Redis that was away may have forgotten that somebody listens. */
  readonly #onGap = (): void => {
    const session = this.#session;
    if (session) void this.#renew(session);
    this.#tellGap();
  };

  #tellGap(): void {
    for (const { onGap } of this.#listeners) onGap();
  }

  async #renew(session: Session): Promise<void> {
    const isHere = (): boolean => this.#session === session;
    try {
      const wasWatched = await this.#insist(async () => await this.#parts.feed.watch(WATCH_MS));
      if (!wasWatched && isHere()) this.#tellGap();
    } catch {
      // Nobody is here any more, or it is asked again in a minute.
    }
  }

  async #insist<T>(call: () => Promise<T>): Promise<T> {
    const mayRetry = (): boolean => this.#listeners.size > 0 && !this.#isClosed;
    return await insist(call, { clock: this.#parts.clock, mayRetry });
  }

  #shut(): void {
    const session = this.#session;
    this.#session = undefined;
    if (!session) return;
    session.cancelRenewal();
    endOnceOpened(session.opened);
  }
}

/**
 * Repairs from the store's own record whatever a crash left half-done (I3). Every worker runs one; no
 * instance depends on a particular one.
 *
 * It wakes what is due, takes instances back from dead workers, asks again for runnable instances
 * nobody came for, deletes what has been kept long enough, and removes streams that dead attempts
 * left. Between two sweeps it sleeps until the next known wake-up, at most {@link SweeperParts.intervalMs}.
 */
import { HELD_MS } from "../engine/known-history.ts";
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { Store } from "../engine/ports/store.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";

/** How many instances one script touches, so that Redis is never held up for long. */
const BATCH = 100;
const LATE_BATCH = 1_000;

export interface SweeperParts {
  readonly store: Pick<Store, "streams" | "sweeps">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly intervalMs: number;
  /** A runnable instance that nobody claimed for this long is asked for again. */
  readonly redispatchAfterMs: number;
  readonly dispatch: (requests: readonly ActivationRequest[]) => void;
  /** Sweeps wait for it, if there is one: nothing is handed out whose history may be restored. */
  readonly compared: () => Promise<void> | undefined;
  /** What else is to be looked at now and then. */
  readonly beat?: () => Promise<void>;
}

export class Sweeper {
  readonly #parts: SweeperParts;
  #cancel: CancelTimer | undefined;
  #isStopped = false;
  #sweeping: Promise<void> | undefined;
  #lastRepairAt = -Infinity;
  /** Before that nobody is taken for dead. */
  #adoptsFrom = -Infinity;
  #nextAt = Infinity;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#schedule(0);
  }

  /** A wake-up was set that may be sooner than the next sweep. */
  lookIn(delayMs: number): void {
    const at = this.#parts.clock.now() + delayMs;
    if (at >= this.#nextAt) return;
    // A sweep that is under way may have looked before this wake-up was set.
    if (this.#sweeping) this.#nextAt = at;
    else this.#schedule(delayMs);
  }

  /** Resolves when no sweep is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#sweeping;
  }

  #schedule(delayMs: number): void {
    this.#cancel?.();
    if (this.#isStopped) return;
    this.#nextAt = this.#parts.clock.now() + delayMs;
    this.#cancel = this.#parts.clock.after(delayMs, () => {
      this.#nextAt = Infinity;
      this.#sweeping = this.#sweep().finally(() => (this.#sweeping = undefined));
    });
  }

  async #sweep(): Promise<void> {
    const { clock, intervalMs, telemetry } = this.#parts;
    let nextMs = intervalMs;
    try {
      const compared = this.#parts.compared();
      // It may take for ever without memory, and deleting is what makes room.
      if (compared) await this.#makeRoom();
      await compared;
      nextMs = Math.min(nextMs, await this.#wakeDue());
      const isRepairDue = clock.now() - this.#lastRepairAt >= intervalMs;
      if (isRepairDue && (await this.#repair())) {
        this.#lastRepairAt = -Infinity;
        nextMs = 0;
      }
      await this.#parts.beat?.();
    } catch (error) {
      telemetry.log("warn", "a sweep failed, the next one goes on", { error });
      // While the store was away nobody could renew a lease. Whoever is alive does so before this is over.
      this.#adoptsFrom = clock.now() + this.#parts.redispatchAfterMs;
      if (await this.#makeRoom()) nextMs = 0;
    }
    this.#schedule(Math.min(nextMs, Math.max(0, this.#nextAt - clock.now())));
  }

  /** Wakes all that is due; answers in how many milliseconds something is due again. */
  async #wakeDue(): Promise<number> {
    const due = await this.#parts.store.sweeps.wakeDue(BATCH);
    this.#parts.dispatch(due.requests);
    // Rounded up, or it would ask a little too early, again and again.
    return due.nextAt === undefined ? Infinity : Math.max(0, Math.ceil(due.nextAt - due.now));
  }

  /** Answers whether there is more to repair than one batch holds: else a busy worker falls behind for ever. */
  async #repair(): Promise<boolean> {
    const { store, clock, dispatch, redispatchAfterMs } = this.#parts;
    this.#lastRepairAt = clock.now();
    const orphans = clock.now() < this.#adoptsFrom ? [] : await store.sweeps.adoptOrphans(BATCH);
    dispatch(orphans);
    const late = await store.sweeps.redispatch({
      olderThanMs: redispatchAfterMs,
      limit: LATE_BATCH,
    });
    dispatch(late);
    const expiredCount = await store.sweeps.expire(BATCH);
    const hasMoreStreams = await store.streams.sweepStreams({ olderThanMs: HELD_MS, limit: BATCH });
    if (hasMoreStreams) return true;
    return orphans.length >= BATCH || late.length >= LATE_BATCH || expiredCount >= BATCH;
  }

  /** Deleting is what a store without memory still does, and needs. Answers whether there is more of it. */
  async #makeRoom(): Promise<boolean> {
    const expiredCount = await this.#parts.store.sweeps.expire(BATCH).catch(() => 0);
    return expiredCount >= BATCH;
  }
}

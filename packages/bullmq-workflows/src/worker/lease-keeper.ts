/**
 * Renews the leases of what a worker runs, and hears what it may have missed.
 *
 * Renewing at a third of the lease lets two renewals get lost before anyone else may claim. A worker
 * that is silent for longer (dead, stopped, its event loop blocked) loses its instances to others.
 */
import type { Activation } from "../engine/activation.ts";
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import type { Store } from "../engine/ports/store.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";

/** How soon after a renewal was refused the next one is tried, in ms: whoever cannot renew looks dead. */
const RETRY_AFTER_MS = 500;

export interface LeaseKeeperParts {
  readonly store: Pick<Store, "activations">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly leaseMs: number;
  readonly activations: () => readonly Activation[];
  /** Until then a renewed lease may be taken away again: what the store has lost is put back first. */
  readonly compared: () => Promise<void> | undefined;
}

export class LeaseKeeper {
  readonly #parts: LeaseKeeperParts;
  #cancel: CancelTimer | undefined;
  #isStopped = false;
  #isSoon = false;

  constructor(parts: LeaseKeeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#schedule(this.#parts.leaseMs / 3);
  }

  /** Not awaited: a renewal that hangs must not keep the next one from being sent. */
  renewAll(): void {
    for (const activation of this.#parts.activations()) void this.#renew(activation);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #schedule(delayMs: number): void {
    this.#cancel?.();
    if (this.#isStopped) return;
    this.#cancel = this.#parts.clock.after(delayMs, () => {
      this.#isSoon = false;
      this.renewAll();
      this.start();
    });
  }

  /** Not for one that took long to fail: for want of a connection it waited itself. */
  #renewSoon(afterMs: number): void {
    if (this.#isSoon || afterMs >= RETRY_AFTER_MS) return;
    this.#isSoon = true;
    this.#schedule(Math.min(RETRY_AFTER_MS, this.#parts.leaseMs / 3));
  }

  async #renew(activation: Activation): Promise<void> {
    const { store, clock, leaseMs, telemetry } = this.#parts;
    const { instanceId, fence, seenEvent } = activation;
    const leaseEndsAt = clock.now() + leaseMs;
    const isDoubtful = this.#parts.compared() !== undefined;
    try {
      const outcome = await store.activations.renew({ instanceId, fence, leaseMs, seenEvent });
      if (activation.fence !== fence || activation.state !== "active") return;
      if (outcome.type === "stale") return activation.lose("The lease was lost");
      if (!isDoubtful) activation.prolong(leaseEndsAt);
      activation.receive(outcome.news);
    } catch (error) {
      this.#renewSoon(clock.now() + leaseMs - leaseEndsAt);
      telemetry.log("warn", "could not renew a lease", { instanceId, error });
    }
  }
}

/**
 * Renews the leases of what a worker runs, and hears what it may have missed.
 *
 * Renewing at a third of the lease lets two renewals get lost before anyone else may claim. A worker
 * that is silent for longer (dead, stopped, its event loop blocked) loses its instances to others.
 */
import type { Activation } from "../engine/activation.ts";
import type { CancelTimer, Clock, Store, Telemetry } from "../engine/ports.ts";

export interface LeaseKeeperParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly leaseMs: number;
  readonly activations: () => readonly Activation[];
}

export class LeaseKeeper {
  readonly #parts: LeaseKeeperParts;
  #cancel: CancelTimer | undefined;
  #isStopped = false;

  constructor(parts: LeaseKeeperParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#parts.clock.after(this.#parts.leaseMs / 3, () => {
      this.renewAll();
      this.start();
    });
  }

  /** Not awaited: a renewal that hangs must not keep the next one from being sent. */
  renewAll(): void {
    for (const activation of this.#parts.activations()) void this.#renew(activation);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  async #renew(activation: Activation): Promise<void> {
    const { store, clock, leaseMs, telemetry } = this.#parts;
    const { instanceId, fence, seenEvent } = activation;
    const leaseEndsAt = clock.now() + leaseMs;
    try {
      const outcome = await store.renew({ instanceId, fence, leaseMs, seenEvent });
      if (activation.fence !== fence || activation.state !== "active") return;
      if (outcome.type === "stale") return activation.lose("The lease was lost");
      activation.prolong(leaseEndsAt);
      activation.receive(outcome.news);
    } catch (error) {
      telemetry.log("warn", "could not renew a lease", { instanceId, error });
    }
  }
}

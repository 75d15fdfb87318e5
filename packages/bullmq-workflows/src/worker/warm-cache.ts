import type { Activation } from "../engine/activation.ts";
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import { FleetingMap } from "./fleeting-map.ts";

export interface WarmCacheLimits {
  /** Parked activations kept at most. */
  readonly countLimit: number;
  /** How long one is kept, in ms. */
  readonly ageMs: number;
}

interface Parked {
  readonly activation: Activation;
  readonly cancelExpiry: CancelTimer;
}

/**
 * Parked activations that may go on without a replay. Bounded by number and age; what is evicted is
 * dropped, and its instance is replayed when it wakes.
 */
export class WarmCache {
  readonly #parked = new FleetingMap<string, Parked>();
  readonly #limits: WarmCacheLimits;
  readonly #clock: Clock;

  constructor(limits: WarmCacheLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get size(): number {
    return this.#parked.size;
  }

  get activations(): readonly Activation[] {
    return this.#parked.values.map(({ activation }) => activation);
  }

  /** Keeps an activation, and evicts the one parked longest if there are too many. */
  put(activation: Activation): void {
    const { instanceId } = activation;
    this.take(instanceId)?.drop("Replaced");
    const expire = (): void => this.take(instanceId)?.drop("Parked for too long");
    const cancelExpiry = this.#clock.after(this.#limits.ageMs, expire);
    this.#parked.set(instanceId, { activation, cancelExpiry });
    if (this.#parked.size > this.#limits.countLimit) this.#evictOldest();
  }

  peek(instanceId: string): Activation | undefined {
    return this.#parked.get(instanceId)?.activation;
  }

  /** Removes and returns it. */
  take(instanceId: string): Activation | undefined {
    const parked = this.#parked.take(instanceId);
    parked?.cancelExpiry();
    return parked?.activation;
  }

  clear(): void {
    for (const { instanceId } of this.activations) this.take(instanceId)?.drop("Evicted");
  }

  #evictOldest(): void {
    const oldest = this.#parked.first?.activation.instanceId;
    if (oldest !== undefined) this.take(oldest)?.drop("Evicted");
  }
}

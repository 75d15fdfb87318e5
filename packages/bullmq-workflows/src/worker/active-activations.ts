/** The activations that hold a claim now, by their instances, and who waits for each to let go of it. */
import type { Activation } from "../engine/activation.ts";
import { FleetingMap } from "./fleeting-map.ts";

/**
 * So many instances may be on their way out beside those that run. Their ends leave together with what asks
 * for others to run; but where answers do not come, a worker does not take on more and more.
 */
const ENDING_LIMIT = 100;

interface Entry {
  readonly activation: Activation;
  /** Called when it has let go. The first frees the slot that it runs in. */
  readonly waiting: (() => void)[];
  isEnding: boolean;
}

export class ActiveActivations {
  readonly #entries = new FleetingMap<string, Entry>();
  #ending = 0;

  get all(): readonly Activation[] {
    return this.#entries.values.map(({ activation }) => activation);
  }

  of(instanceId: string): Activation | undefined {
    return this.#entries.get(instanceId)?.activation;
  }

  /** `leave` frees the slot that it runs in. */
  add(activation: Activation, leave: () => void): void {
    this.#entries.set(activation.instanceId, { activation, waiting: [leave], isEnding: false });
  }

  /** The end of its instance is on its way: its slot is free already, unless too many ends are. */
  leaveEarly({ instanceId }: Activation): void {
    const entry = this.#entries.get(instanceId);
    if (!entry || entry.isEnding || this.#ending >= ENDING_LIMIT) return;
    entry.isEnding = true;
    this.#ending++;
    entry.waiting[0]?.();
  }

  /** Answers whether it was there, and not another one of its instance. */
  remove(activation: Activation): boolean {
    const entry = this.#entries.get(activation.instanceId);
    if (entry?.activation !== activation) return false;
    this.#entries.take(activation.instanceId);
    if (entry.isEnding) this.#ending--;
    for (const tell of entry.waiting) tell();
    return true;
  }

  /** Resolves when the one of this instance has let go; at once if there is none. */
  async endOf(instanceId: string): Promise<void> {
    const entry = this.#entries.get(instanceId);
    if (entry) await new Promise<void>((resolve) => entry.waiting.push(resolve));
  }
}

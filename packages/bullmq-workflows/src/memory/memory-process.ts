/**
 * A process that works on a partition, as far as the store goes: what it asks is done at once, until it
 * leaves. One that was killed is not told any more how a call of its ended.
 */
import type { Unsubscribe } from "../engine/ports/notices.ts";
import type { MemoryPartition } from "./memory-partition.ts";

export class MemoryProcess {
  readonly #partition: MemoryPartition;
  readonly #subscriptions = new Set<Unsubscribe>();
  #state: "open" | "closed" | "killed" = "open";

  constructor(partition: MemoryPartition) {
    this.#partition = partition;
  }

  async run<Outcome>(verb: (partition: MemoryPartition) => Outcome): Promise<Outcome> {
    switch (this.#state) {
      case "killed":
        return await new Promise<Outcome>(() => undefined);
      case "closed":
        throw new Error("The store is closed");
      default:
        return verb(this.#partition);
    }
  }

  /** Ends a subscription when the process leaves, unless it was ended before. */
  keep(unsubscribe: Unsubscribe): Unsubscribe {
    this.#subscriptions.add(unsubscribe);
    return () => {
      this.#subscriptions.delete(unsubscribe);
      unsubscribe();
    };
  }

  leave(state: "closed" | "killed"): void {
    this.#state = state;
    this.#subscriptions.forEach((unsubscribe) => unsubscribe());
    this.#subscriptions.clear();
  }
}

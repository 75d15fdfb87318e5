/**
 * A store that lives in this process, on any clock.
 *
 * It keeps the rules of the Redis store, which one conformance suite checks on both. A store made on
 * the partition of another shares its instances, as two processes share one Redis.
 */
import type { Clock } from "../engine/ports/clock.ts";
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { Store, StoreParts } from "../engine/ports/store.ts";
import { configure } from "./admission.ts";
import { checkInvariants, toSnapshot } from "./inspection.ts";
import type { InstanceSnapshot } from "./inspection.ts";
import { createParts } from "./memory-parts.ts";
import { MemoryPartition } from "./memory-partition.ts";
import { MemoryProcess } from "./memory-process.ts";

export class MemoryStore implements Store {
  readonly partition: MemoryPartition;
  readonly instances: StoreParts["instances"];
  readonly activations: StoreParts["activations"];
  readonly commands: StoreParts["commands"];
  readonly sweeps: StoreParts["sweeps"];
  readonly streams: StoreParts["streams"];
  readonly schedules: StoreParts["schedules"];
  readonly insights: StoreParts["insights"];
  readonly notices: StoreParts["notices"];
  readonly #process: MemoryProcess;

  constructor(on: Pick<Clock, "now"> | MemoryPartition) {
    this.partition = on instanceof MemoryPartition ? on : new MemoryPartition(on);
    const process = new MemoryProcess(this.partition);
    this.#process = process;
    const parts = createParts(process, this.partition);
    this.instances = parts.instances;
    this.activations = parts.activations;
    this.commands = parts.commands;
    this.sweeps = parts.sweeps;
    this.streams = parts.streams;
    this.schedules = parts.schedules;
    this.insights = parts.insights;
    this.notices = parts.notices;
  }

  async configure(
    settings: Parameters<Store["configure"]>[0],
  ): Promise<readonly ActivationRequest[]> {
    return await this.#process.run((partition) => configure(partition, settings.concurrencyLimit));
  }

  async close(): Promise<void> {
    this.#process.leave("closed");
  }

  /** For tests: what a crash of the process does. No call settles any more, no notice arrives. */
  kill(): void {
    this.#process.leave("killed");
  }

  /** For tests: everything there is of one instance. */
  inspect(instanceId: string): InstanceSnapshot | undefined {
    const state = this.partition.instances.get(instanceId);
    return state && toSnapshot(this.partition, state);
  }

  /** For tests: everything there is, in the order of creation. */
  snapshot(): readonly InstanceSnapshot[] {
    return [...this.partition.instances.values()].map((state) => toSnapshot(this.partition, state));
  }

  /** For tests: throws when status, place, index and slots do not agree. */
  checkInvariants(): void {
    checkInvariants(this.partition);
  }
}

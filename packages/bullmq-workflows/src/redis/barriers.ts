/** The lines through which writes go that wait for a barrier: one for each, opened when it is first used. */
import { Cluster } from "ioredis";
import { waitsForDisk } from "../model/barrier.ts";
import type { Barrier } from "../model/barrier.ts";
import type { ArgumentLimit } from "./argument-limit.ts";
import { BarrierLine } from "./barrier-line.ts";
import type { RedisClient } from "./script-runner.ts";

export interface BarriersParts {
  /** Makes a connection for one line. */
  readonly connect: () => RedisClient;
  readonly replicas: number;
  readonly timeoutMs: number;
  /** Whether Redis brings every write to the disk before it answers (`appendfsync always`). */
  readonly isAlwaysSynced: () => boolean;
  /** Whether it can be waited for the disk at all, as far as is known. @defaultValue yes */
  readonly canAwaitDisk?: () => boolean;
  /** @defaultValue what Redis takes when nothing is set */
  readonly argumentLimit?: ArgumentLimit;
}

export class Barriers {
  readonly #parts: BarriersParts;
  readonly #lines = new Map<string, BarrierLine>();

  constructor(parts: BarriersParts) {
    this.#parts = parts;
  }

  /** Through what such a write goes; `undefined` when it needs no more than any other. */
  lineFor(barrier: Barrier, tag: string): BarrierLine | undefined {
    const needed = this.#parts.isAlwaysSynced() ? withoutDisk(barrier) : barrier;
    return needed === "memory" ? undefined : this.#open(needed, tag);
  }

  /**
   * What of a barrier can be waited for here. The step that asked for it has ended, maybe on another server:
   * where the disk cannot be waited for, its outcome will never be safer than it is.
   */
  holdable(barrier: Barrier): Barrier {
    const { canAwaitDisk = () => true } = this.#parts;
    return canAwaitDisk() ? barrier : withoutDisk(barrier);
  }

  close(): void {
    for (const line of this.#lines.values()) line.close();
  }

  #open(barrier: Barrier, tag: string): BarrierLine {
    const found = this.#lines.get(barrier) ?? this.#lines.get(`${barrier} ${tag}`);
    if (found) return found;
    const client = this.#parts.connect();
    const line = new BarrierLine({ ...this.#parts, client, barrier });
    // On a Cluster another tag may lie on another node, and a group must be on one.
    this.#lines.set(client instanceof Cluster ? `${barrier} ${tag}` : barrier, line);
    return line;
  }
}

function withoutDisk(barrier: Barrier): Barrier {
  if (!waitsForDisk(barrier)) return barrier;
  return barrier === "fsync" ? "memory" : "replicated";
}

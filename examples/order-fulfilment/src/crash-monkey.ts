/**
 * Kills workers, the way a crash or a power cut does: no signal they could handle, no goodbye.
 *
 * The kills are spread over the run by how many orders are complete, each at a random point of its
 * stretch, and the last one well before the end, so that it hits work in progress.
 */
import { between, createRandom } from "./random.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** The part of the run that is split into stretches. */
const LAST_KILL_AT = 0.85;

export interface CrashPlan {
  readonly seed: number;
  readonly orderCount: number;
  readonly crashCount: number;
}

export class CrashMonkey {
  readonly #random: () => number;
  readonly #workers: WorkerPool;
  /** How many orders are complete when it strikes. */
  readonly #moments: number[];

  constructor(workers: WorkerPool, { seed, orderCount, crashCount }: CrashPlan) {
    this.#workers = workers;
    this.#random = createRandom(seed, "crashes");
    const stretch = (orderCount * LAST_KILL_AT) / (crashCount + 0.5);
    this.#moments = Array.from({ length: crashCount }, (_, index) =>
      Math.ceil(between(this.#random, index, index + 1) * stretch),
    );
  }

  /** Answers who was killed, if anybody. */
  strike(completeCount: number): number | undefined {
    const moment = this.#moments[0];
    if (moment === undefined || completeCount < moment) return undefined;
    const pid = this.#workers.kill(this.#random());
    if (pid !== undefined) this.#moments.shift();
    return pid;
  }
}

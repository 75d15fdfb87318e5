/**
 * Writes to the store under one claim: numbers the writes, and insists until the store answers.
 *
 * A store that cannot be reached is no reason to fail anything: the write is repeated until it is
 * answered, and the numbers make a repeat harmless. When the lease ran out meanwhile the answer is
 * "stale", and that ends the activation.
 */
import { insistAfter } from "./insist.ts";
import type { Insistence } from "./insist.ts";
import type { Clock } from "./ports/clock.ts";
import type { Store } from "./ports/store.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import type { Batch } from "./journal.ts";
import type { Write } from "./writes.ts";

export interface ClaimWriterParts {
  readonly store: Pick<Store, "activations">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Writes wait for it, if there is one: what the store has lost is put back first. */
  readonly compared: () => Promise<void> | undefined;
}

/** Under which claim it writes, and who hears of it. */
export interface WritingClaim {
  readonly instanceId: string;
  readonly fence: number;
  /** Hears every answer. One with an instant confirms what was written then. */
  readonly onAnswer: (batch: Batch, outcome: Answer) => void;
}

export interface Answer {
  readonly type: string;
  readonly at?: number;
}

export class ClaimWriter {
  readonly fence: number;
  readonly #parts: ClaimWriterParts;
  readonly #claim: WritingClaim;
  readonly #insistence: Insistence;
  #commit = 0;
  /** The last write that the store has confirmed. */
  #confirmed = 0;
  #isOver = false;

  constructor(parts: ClaimWriterParts, claim: WritingClaim) {
    this.#parts = parts;
    this.#claim = claim;
    this.fence = claim.fence;
    this.#insistence = {
      clock: parts.clock,
      mayRetry: () => !this.#isOver,
      onFailure: (error) => {
        parts.telemetry.log("warn", "the store did not answer, trying again", { error });
      },
    };
  }

  /** Sends a batch with the next number. Resolves with `undefined` when the claim ended meanwhile. */
  send<Outcome extends Answer>(
    batch: Batch,
    seenEvent: number,
    verb: Write<Outcome>,
  ): Promise<Outcome | undefined> {
    const { activations } = this.#parts.store;
    const { entries, consumed, barrier = "memory" } = batch;
    const write = {
      instanceId: this.#claim.instanceId,
      fence: this.fence,
      commit: ++this.#commit,
      after: this.#confirmed,
      seenEvent,
      entries,
      consumed,
      barrier,
    };
    const call = (): Promise<Outcome> => {
      const compared = this.#parts.compared();
      return compared ? compared.then(() => verb(activations, write)) : verb(activations, write);
    };
    const hear = (outcome: Outcome | undefined): Outcome | undefined => {
      if (outcome) this.#hear(batch, write.commit, outcome);
      return outcome;
    };
    // One promise more than the store's: each further one would be felt with every step.
    return call().then(hear, async (error: unknown) => hear(await this.#insist(error, call)));
  }

  #hear(batch: Batch, commit: number, outcome: Answer): void {
    if (isOnRecord(outcome.type, batch)) this.#confirmed = commit;
    this.#claim.onAnswer(batch, outcome);
  }

  /** Resolves with `undefined` when the claim ended while nobody answered. */
  async #insist<Outcome>(
    failure: unknown,
    call: () => Promise<Outcome>,
  ): Promise<Outcome | undefined> {
    try {
      return await insistAfter(failure, call, this.#insistence);
    } catch (error) {
      if (this.#isOver) return undefined;
      throw error;
    }
  }

  /** Stops insisting: the claim is gone. */
  end(): void {
    this.#isOver = true;
  }
}

/** Whether the store has taken down the write's number: it does not for a look, nor when it refuses. */
function isOnRecord(type: string, { entries, consumed }: Batch): boolean {
  if (type === "committed") return entries.length > 0 || consumed.length > 0;
  return type === "resumed";
}

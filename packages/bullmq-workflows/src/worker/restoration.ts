/**
 * Notices when the store has gone back in time, as after a failover to a replica that lagged, and puts
 * back what this worker still holds of what was lost. What nobody can put back is flagged; it is never
 * run again in silence.
 *
 * The store compares; this asks it: about one instance when an answer raises a doubt, and about all that
 * is known here when the connection comes back. Until that is done this worker sweeps nothing, so that it
 * hands out no instance whose history it could have restored.
 */
import { insist } from "../engine/insist.ts";
import type { KnownHistory } from "../engine/known-history.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { KnownInstance, ReassertOutcome } from "../engine/ports/reassertion.ts";
import type { Store } from "../engine/ports/store.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";
import { WriteTooLargeError } from "../model/write-too-large-error.ts";

/** Asked about at once, so that Redis and the way to it are never held up for long. */
const BATCH = 100;

export interface RestorationParts {
  readonly workflow: string;
  readonly store: Pick<Store, "activations">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly dispatch: (requests: readonly ActivationRequest[]) => void;
  /** All that this worker knows. */
  readonly histories: () => readonly KnownHistory[];
  /** What was known of the instance is no measure any more. */
  readonly onLost: (instanceId: string) => void;
}

export class Restoration {
  readonly #parts: RestorationParts;
  /** Who waits until all has been compared. Without a reason to compare there is nothing to wait for. */
  #waiting: { readonly promise: Promise<void>; readonly end: () => void } | undefined;
  /** Counts the times the connection broke or came back: what began before is not finished any more. */
  #turn = 0;
  #isClosed = false;

  constructor(parts: RestorationParts) {
    this.#parts = parts;
  }

  /** Resolves when what is known here has been compared; `undefined` when nothing is to be waited for. */
  get compared(): Promise<void> | undefined {
    return this.#waiting?.promise;
  }

  /** The connection is lost. What is behind it next may know less. */
  suspend(): void {
    this.#turn++;
    if (!this.#waiting && !this.#isClosed) this.#waiting = createWaiting();
  }

  /** The connection is back. */
  async compareAll(): Promise<void> {
    const turn = ++this.#turn;
    const isCurrent = (): boolean => turn === this.#turn && !this.#isClosed;
    const histories = this.#parts.histories();
    for (let at = 0; at < histories.length && isCurrent(); at += BATCH) {
      const batch = histories.slice(at, at + BATCH);
      await Promise.all(batch.map(async (known) => await this.#compare(known, isCurrent)));
    }
    if (isCurrent()) this.#release();
  }

  /**
   * Compares one. Answers whether the store has all of it, or had reason to forget it. `unused` is the
   * fence of a claim under which nothing was begun.
   */
  async confirm(known: KnownHistory, unused?: number): Promise<boolean> {
    return (await this.#compare(known, () => !this.#isClosed, unused)) === "kept";
  }

  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  #release(): void {
    this.#waiting?.end();
    this.#waiting = undefined;
  }

  /** Resolves with `undefined` when the store could not be asked. */
  async #compare(
    known: KnownHistory,
    mayRetry: () => boolean,
    unused?: number,
  ): Promise<ReassertOutcome["type"] | undefined> {
    const { clock, telemetry } = this.#parts;
    const { instanceId } = known;
    const ask = async (): Promise<ReassertOutcome> =>
      await this.#reassert({ ...known.describe(), ...(unused !== undefined && { unused }) });
    try {
      const outcome = await insist(ask, { clock, mayRetry });
      this.#report(instanceId, outcome);
      if ("requests" in outcome) this.#parts.dispatch(outcome.requests);
      return outcome.type;
    } catch (error) {
      telemetry.log("warn", "could not compare a history", { instanceId, error });
      return undefined;
    }
  }

  /** Where all that is held is too much for one write, the newest half: if that is not enough, it is flagged. */
  async #reassert(known: KnownInstance): Promise<ReassertOutcome> {
    try {
      return await this.#parts.store.activations.reassert(known);
    } catch (error) {
      const { held } = known;
      if (!(error instanceof WriteTooLargeError) || held.length === 0) throw error;
      return await this.#reassert({ ...known, held: held.slice(Math.ceil(held.length / 2)) });
    }
  }

  #report(instanceId: string, outcome: ReassertOutcome): void {
    const { telemetry, workflow } = this.#parts;
    const facts = { workflow, instanceId };
    switch (outcome.type) {
      case "kept":
        return;
      case "reasserted": {
        const { restored } = outcome;
        telemetry.log("warn", "the store had lost entries, they are restored", {
          ...facts,
          restored,
        });
        return telemetry.count("loss.reasserted", { workflow });
      }
      case "flagged": {
        const { lost, status } = outcome;
        telemetry.log("error", "the store had lost entries, the instance is flagged", {
          ...facts,
          lost,
          status,
        });
        telemetry.count("loss.flagged", { workflow });
        return this.#parts.onLost(instanceId);
      }
      case "missing":
        telemetry.log("error", "an instance is gone that nobody deleted", facts);
        telemetry.count("loss.missing", { workflow });
        return this.#parts.onLost(instanceId);
    }
  }
}

function createWaiting(): { readonly promise: Promise<void>; readonly end: () => void } {
  let end = (): void => {};
  const promise = new Promise<void>((resolve) => (end = resolve));
  return { promise, end };
}

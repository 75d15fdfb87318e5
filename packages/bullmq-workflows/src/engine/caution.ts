/**
 * After a crash, attempts are put on record before they begin.
 *
 * Usually an attempt that is not on record yet leaves no trace when its worker dies, and is made again.
 * A callback that brings its worker down would do so for ever, worker after worker. So the activation
 * that follows a lost lease writes first; if it is lost too, the attempt counts as failed and the
 * step's retry policy decides.
 */
import { AsyncResource } from "node:async_hooks";
import type { StepKey } from "../model/step-key.ts";
import type { Timeline } from "../model/timeline.ts";

interface WaitingAttempt {
  readonly attempt: number;
  readonly begin: () => void;
}

export class Caution {
  readonly #timeline: Timeline;
  readonly #waiting = new Map<StepKey, WaitingAttempt>();
  #isOn = false;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  set(isOn: boolean): void {
    this.#isOn = isOn;
  }

  /** Begins the attempt when it is on record. The caller has staged that. */
  beginOnRecord(key: StepKey, attempt: number, begin: () => void): void {
    this.#waiting.set(key, { attempt, begin: AsyncResource.bind(begin) });
  }

  /** Something was written: begins what is on record now. */
  onWritten(): void {
    for (const [key, { attempt, begin }] of this.#waiting) {
      const state = this.#timeline.steps.get(key);
      if (!state?.isAttemptOpen || state.attempt !== attempt) continue;
      this.#waiting.delete(key);
      begin();
    }
  }
}

/**
 * What begins only when it is on record: after a crash every attempt, and always a step that has a
 * rollback, as what is not on record would not be rolled back.
 *
 * Usually an attempt that is not on record yet leaves no trace when its worker dies, and is made again.
 * A callback that brings its worker down would do so for ever, worker after worker. So the activation
 * that follows a lost lease writes first; if it is lost too, the attempt counts as failed and the
 * step's retry policy decides.
 */
import { AsyncResource } from "node:async_hooks";
import type { StepKey } from "../model/step-key.ts";
import type { StepState, Timeline } from "../model/timeline.ts";

/** Whether what is known of a step is enough. */
export type OnRecord = (state: StepState) => boolean;

interface WaitingAttempt {
  readonly isOnRecord: OnRecord;
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
  beginOnRecord(key: StepKey, isOnRecord: OnRecord, begin: () => void): void {
    this.#waiting.set(key, { isOnRecord, begin: AsyncResource.bind(begin) });
  }

  /** Something was written: begins what is on record now. */
  onWritten(): void {
    for (const [key, { isOnRecord, begin }] of this.#waiting) {
      const state = this.#timeline.steps.get(key);
      if (!state || !isOnRecord(state)) continue;
      this.#waiting.delete(key);
      begin();
    }
  }
}

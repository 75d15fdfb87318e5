/**
 * Checks of events that waits have taken. Until one is over its event is out of the buffer here, and only
 * here: what the store has is taken by the write that says what came of it.
 */
import type { StepKey } from "../model/step-key.ts";
import type { BufferedEvent } from "./ports/activations.ts";

export class Validations {
  readonly #running = new Map<StepKey, BufferedEvent>();

  get count(): number {
    return this.#running.size;
  }

  begin(key: StepKey, event: BufferedEvent): void {
    this.#running.set(key, event);
  }

  /** Answers whether its outcome still counts. */
  end(key: StepKey, event: BufferedEvent): boolean {
    return this.#running.get(key) === event && this.#running.delete(key);
  }

  /** Answers the event that the next wait is to get instead. */
  callOff(key: StepKey): BufferedEvent | undefined {
    const event = this.#running.get(key);
    this.#running.delete(key);
    return event;
  }
}

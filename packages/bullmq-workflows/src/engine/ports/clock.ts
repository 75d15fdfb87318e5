/** The engine's own sense of time, which only measures and waits. */
export type CancelTimer = () => void;

/** Local time. Only measures and waits; what is due in the store is decided by the store's clock. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back after at least this many milliseconds. */
  after(delayMs: number, callback: () => void): CancelTimer;
  /** Calls back once all that is ready to run now, microtasks included, has run. */
  nextTurn(callback: () => void): void;
}

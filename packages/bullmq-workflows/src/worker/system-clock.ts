import type { Clock } from "../engine/ports.ts";

/** Real time. It never runs backwards, whatever happens to the machine's wall clock. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.ceil(delayMs));
    return () => clearTimeout(timer);
  },
  nextTurn: (callback) => void setImmediate(callback),
};

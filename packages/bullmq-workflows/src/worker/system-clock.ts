import type { CancelTimer, Clock } from "../engine/ports.ts";

/** Longest delay of a Node timer; with a longer one it would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** Real time. It never runs backwards, whatever happens to the machine's wall clock. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (delayMs, callback) =>
    delayMs <= MAX_TIMER_MS ? shortTimer(delayMs, callback) : longTimer(delayMs, callback),
  nextTurn: (callback) => void setImmediate(callback),
};

function shortTimer(delayMs: number, callback: () => void): CancelTimer {
  const timer = setTimeout(callback, Math.ceil(delayMs));
  return () => clearTimeout(timer);
}

/** One Node timer after the other. */
function longTimer(delayMs: number, callback: () => void): CancelTimer {
  // What never comes must not keep the process alive.
  if (delayMs === Infinity) return () => {};
  const dueAt = systemClock.now() + delayMs;
  let cancel = shortTimer(MAX_TIMER_MS, () => {
    cancel = systemClock.after(Math.max(0, dueAt - systemClock.now()), callback);
  });
  return () => cancel();
}

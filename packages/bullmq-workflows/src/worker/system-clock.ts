import type { CancelTimer, Clock } from "../engine/ports/clock.ts";

/** Longest delay of a Node timer; with a longer one it would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** Real time. It never runs backwards, whatever happens to the machine's wall clock. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (delayMs, callback) =>
    delayMs <= MAX_TIMER_MS ? shortTimer(delayMs, callback) : longTimer(delayMs, callback),
  nextTurn: (callback) => {
    if (turns.push(callback) === 1) setImmediate(takeTurns);
  },
};

/**
 * What is to run in the next turn, of all that this process runs. One after the other and before what any
 * of it sets off, so that what they write at the same time leaves at the same time.
 */
let turns: (() => void)[] = [];

function takeTurns(): void {
  const due = turns;
  turns = [];
  for (const [index, callback] of due.entries()) {
    try {
      callback();
    } catch (error) {
      // The others have their turn all the same.
      for (const later of due.slice(index + 1)) systemClock.nextTurn(later);
      throw error;
    }
  }
}

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

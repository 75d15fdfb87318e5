import { monotonicNow } from "../ledger.ts";
import type { Ledger } from "../ledger.ts";

const PULSE_MS = 100;
/** An event loop that is this late is worth a line. */
const STALL_MS = 100;

/** Lets the checker tell a machine that is too busy from an engine that is too slow. Answers how to stop. */
export function watchEventLoop(ledger: Ledger): () => void {
  let last = monotonicNow();
  const timer = setInterval(() => {
    const now = monotonicNow();
    const ms = now - last - PULSE_MS;
    if (ms > STALL_MS) ledger.write({ type: "stalled", ms });
    last = now;
  }, PULSE_MS);
  timer.unref();
  return () => clearInterval(timer);
}

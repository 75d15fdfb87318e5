/** What a worker that has died may not have waited for any more. */
import { isBarrier, joinBarriers } from "./barrier.ts";
import type { Barrier } from "./barrier.ts";
import { decodeEntry, isFromOutside } from "./history.ts";

/**
 * The barrier under which the last write of a worker stands, as far as its steps say. There is nothing behind
 * a write that its worker still waited for, but what came from outside.
 */
export function barrierOfLastWrite(
  history: readonly { readonly at: number; readonly text: string }[],
): Barrier {
  let writtenAt: number | undefined;
  let barrier: Barrier = "memory";
  for (let index = history.length - 1; index >= 0; index--) {
    const { at, text } = history[index] as (typeof history)[number];
    if (isFromOutside(text)) continue;
    writtenAt ??= at;
    if (at !== writtenAt) break;
    if (text.includes('"durability":"')) barrier = joinBarriers(barrier, barrierOf(text));
  }
  return barrier;
}

function barrierOf(text: string): Barrier {
  const entry = decodeEntry(text);
  const config = "config" in entry ? entry.config : undefined;
  const durability = "durability" in entry ? entry.durability : config?.durability;
  // A newer version may know others.
  return isBarrier(durability) ? durability : "memory";
}

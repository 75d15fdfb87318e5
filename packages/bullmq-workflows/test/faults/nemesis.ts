/** Lets one fault after another strike, in an order and at moments that follow from the seed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Crew } from "./crew.ts";
import type { Fault, Stage } from "./faults/fault.ts";

const LEAST_GAP_MS = 300;
const MOST_GAP_MS = 1_500;
/** More than a worker may need to be itself again. */
const RECOVERY_MS = 8_000;

/**
 * Answers how often each fault struck. Every one strikes once before any strikes again, and those that
 * were begun are ended: it may last longer than `forMs` by the length of a fault.
 */
export async function strikeFor(
  forMs: number,
  faults: readonly Fault[],
  stage: Omit<Stage, "sleep">,
): Promise<Readonly<Record<string, number>>> {
  while (!stage.crew.areAllUp) await sleep(50);
  const counts: Record<string, number> = {};
  const endsAt = performance.now() + forMs;
  const full: Stage = { ...stage, sleep: async (ms) => await sleep(ms) };
  let strike = 0;
  let round: Fault[] = [];
  while (performance.now() < endsAt) {
    await sleep(LEAST_GAP_MS + stage.random() * (MOST_GAP_MS - LEAST_GAP_MS));
    if (round.length === 0) round = shuffle(faults, stage.random);
    const fault = round.pop();
    if (!fault) break;
    const facts = { fault: fault.name, strike: ++strike };
    stage.ledger.write({ type: "fault_began", ...facts, hinders: fault.hinders });
    await fault.strike(full);
    stage.ledger.write({ type: "fault_ended", ...facts, hinders: fault.hinders });
    counts[fault.name] = (counts[fault.name] ?? 0) + 1;
    // Half of the time the next one strikes while the last one is still being overcome.
    if (fault.hinders && stage.random() < 0.5) await untilRecovered(stage.crew);
  }
  return counts;
}

/** So that the time it takes can be measured: until every worker has claimed again, or the bound is over. */
async function untilRecovered(crew: Crew): Promise<void> {
  const since = performance.now();
  while (!crew.haveAllClaimedSince(since) && performance.now() < since + RECOVERY_MS)
    await sleep(50);
}

function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const moved = shuffled.splice(j, 1);
    shuffled.splice(i, 0, ...moved);
  }
  return shuffled;
}

/**
 * Every probe × every adversity: the same outcome as if nothing had happened (I1, I3).
 *
 * `CHAOS_SEED` repeats a run; it decides at which instance's how-manieth write each probe strikes.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROBES } from "../../src/engine/probes.ts";
import type { Adversity } from "./support/adversities.ts";
import { ChildPool } from "./support/chaos-child.ts";
import { Lanes } from "./support/lane.ts";
import { CASES, chooseTarget, commonHits, runCell, safeTarget } from "./support/matrix.ts";
import type { Hits, Target } from "./support/messages.ts";
import { seededRandom } from "./support/random.ts";

const seed = process.env["CHAOS_SEED"] ?? String(Date.now() % 1_000_000);

/** Runs of a case at a place of chance, before one at a place that no run can miss. */
const TRIES = 3;

let lanes: Lanes;
let hits: Hits;

beforeAll(async () => {
  console.log(`CHAOS_SEED=${seed}`);
  lanes = new Lanes(new ChildPool(2));
  const runs = [1, 2, 3].map(
    async (n) => await lanes.use(async (lane) => await runCell(lane, `undisturbed ${n}`)),
  );
  hits = commonHits((await Promise.all(runs)).map((run) => run.hits));
}, 60_000);
afterAll(async () => await lanes.close());

test("a journey passes every probe", () => {
  expect(Object.keys(hits).toSorted()).toEqual(PROBES.toSorted());
});

describe.concurrent("a journey comes to the same end", () => {
  for (const { probe, adversity } of CASES) {
    test(`${adversity} at ${probe}`, async () => {
      const random = seededRandom(`${seed} ${probe} ${adversity}`);
      const targets = Array.from({ length: TRIES }, () => chooseTarget(probe, hits, random));
      targets.push(safeTarget(probe, hits));
      let wasStruck = false;
      // No two runs are alike: what was passed in one may not be in another.
      for (const target of targets) wasStruck ||= await strike(target, adversity);
      expect(wasStruck).toBe(true);
    }, 60_000);
  }
});

/** Answers whether the run came to where it was to be struck. */
async function strike(target: Target, adversity: Adversity): Promise<boolean> {
  const name = `${target.probe} ${adversity} ${target.subject} ${target.hit}`;
  const run = await lanes.use(async (lane) => await runCell(lane, name, { target, adversity }));
  // Nothing but a kill ends a process.
  expect(run.diedCount).toBe(run.wasStruck && adversity === "kill" ? 1 : 0);
  return run.wasStruck;
}

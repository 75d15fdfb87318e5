/** What becomes of an instance that is restored while somebody has a claim who knew less. */
import { expect, test } from "vitest";
import {
  TICK_MS,
  claim,
  claimRequest,
  create,
  historyOf,
  requested,
  texts,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { known } from "./knowledge.ts";
import { FIRST, SECOND, THIRD, loseOne } from "./lost-entries.ts";

const STALE = { type: "stale" };

/** Long enough for a few calls. */
const LEASE_MS = 250;

/** As {@link loseOne}; then another worker claimed what was left, and has a lease for a while. */
async function loseOneAndClaim(setup: SetUp) {
  const { claimed, first, second, ...rest } = await loseOne(setup);
  await rest.store.activations.release(write("a", claimed, { commit: 2, after: 1 }));
  const other = await claim(rest.store, "a", { leaseMs: LEASE_MS });
  return { ...rest, other, first, lesson: known(claimed, [first, second]) };
}

export function foreignLeaseTests(setup: SetUp): void {
  test("who claimed a short history loses it at once, and nobody else gets the instance in his lease", async () => {
    const { store, passTime, other, lesson } = await loseOneAndClaim(setup);

    const outcome = await store.activations.reassert(lesson);

    expect(outcome).toEqual({ type: "reasserted", restored: 1, requests: [] });
    expect(await historyOf(store, "a")).toEqual([FIRST, SECOND]);
    expect(await store.activations.commit(write("a", other, { entries: [THIRD] }))).toEqual(STALE);
    const early = await store.activations.claim(claimRequest("a"));
    expect(early).toEqual({ type: "refused", reason: "waiting" });
    expect((await store.sweeps.wakeDue(1)).requests).toEqual([]);

    await passTime(LEASE_MS + TICK_MS);
    expect(requested(await store.sweeps.wakeDue(1))).toEqual(["a"]);
    expect(texts((await claim(store, "a")).history)).toEqual([FIRST, SECOND]);
  });

  test("a claim that the caller has not used is not waited for, nor is a lease that is over", async () => {
    for (const isOver of [true, false]) {
      const { store, passTime, other, lesson } = await loseOneAndClaim(setup);
      if (isOver) await passTime(LEASE_MS + TICK_MS);

      const outcome = await store.activations.reassert(
        isOver ? lesson : { ...lesson, unused: other.fence },
      );

      expect(requested(outcome)).toEqual(["a"]);
    }
  });

  test("its slot is free meanwhile", async () => {
    const { store, lesson } = await loseOneAndClaim(setup);
    await store.configure({ concurrencyLimit: 1 });
    await create(store, "b");

    expect(requested(await store.activations.reassert(lesson))).toEqual(["b"]);
  });

  test("a flagged instance that is resumed waits for that lease too", async () => {
    const { store, passTime, lesson } = await loseOneAndClaim(setup);
    await store.activations.reassert({ ...lesson, held: [] });

    expect(requested(await store.commands.resume("a"))).toEqual([]);

    await passTime(2 * LEASE_MS);
    expect(requested(await store.sweeps.wakeDue(1))).toEqual(["a"]);
  });
}

/** An instance of which a store has lost the last entry. */
import { TICK_MS, run } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { commit } from "./knowledge.ts";

export const FIRST = '{"n":1}';
export const SECOND = '{"n":2}';
export const THIRD = '{"n":3}';

/** An instance `a` with two entries, the second of which the store has lost again. */
export async function loseOne(setup: SetUp) {
  const { store, capture, passTime } = await setup();
  const claimed = await run(store, "a");
  const first = await commit(store, claimed, { number: 1, text: FIRST });
  const setBack = await capture();
  await passTime(TICK_MS);
  const second = await commit(store, claimed, { number: 2, text: SECOND });
  await passTime(TICK_MS);
  await setBack();
  return { store, passTime, capture, claimed, first, second };
}

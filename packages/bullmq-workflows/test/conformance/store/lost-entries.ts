/** An instance of which a store has lost the last entry, and what its writer knows of it. */
import type {
  Claim,
  CommitOutcome,
  HeldEntry,
  KnownInstance,
  Store,
} from "../../../src/engine/ports.ts";
import { TICK_MS, run, write } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

export const FIRST = '{"n":1}';
export const SECOND = '{"n":2}';
export const THIRD = '{"n":3}';

/** What the holder of a claim knows after these entries; it holds as many of the last as `held` says. */
export function known(
  { fence, createdAt }: Claim,
  entries: readonly HeldEntry[],
  { held = entries.length, ...rest }: Partial<Omit<KnownInstance, "held">> & { held?: number } = {},
): KnownInstance {
  return {
    instanceId: "a",
    createdAt,
    fence,
    ageMs: 0,
    lastEvent: 0,
    lastEventAt: 0,
    entries: entries.length,
    held: entries.slice(entries.length - held),
    ...rest,
  };
}

/** Commits one entry, and answers it as its writer holds it. */
export async function commit(
  store: Store,
  claimed: Claim,
  { number, text, consumed = [] }: { number: number; text: string; consumed?: readonly number[] },
): Promise<HeldEntry> {
  const numbers = { commit: number, after: number - 1 };
  const outcome = await store.commit(
    write("a", claimed, { ...numbers, entries: [text], consumed, seenEvent: 9 }),
  );
  return { at: instantOf(outcome), text, consumed };
}

function instantOf(outcome: CommitOutcome): number {
  if (outcome.type !== "committed") throw new Error("It was stale");
  return outcome.at;
}

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

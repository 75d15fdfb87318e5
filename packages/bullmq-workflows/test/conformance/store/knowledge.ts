/** What somebody knows of an instance whose store has gone back in time. */
import type { Claim, CommitOutcome } from "../../../src/engine/ports/activations.ts";
import type { HeldEntry, KnownInstance } from "../../../src/engine/ports/reassertion.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import { write } from "./bundle.ts";

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
  { number, text }: { number: number; text: string },
): Promise<HeldEntry> {
  const numbers = { commit: number, after: number - 1 };
  const outcome = await store.activations.commit(
    write("a", claimed, { ...numbers, entries: [text], seenEvent: 9 }),
  );
  return { at: instantOf(outcome), text };
}

export function instantOf(outcome: CommitOutcome): number {
  if (outcome.type !== "committed") throw new Error("It was stale");
  return outcome.at;
}

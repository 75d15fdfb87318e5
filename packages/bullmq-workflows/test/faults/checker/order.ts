/**
 * Order is kept (I6): every run of an instance sees outcomes in the same order, which is that of the
 * history; a race has one winner for ever; and the history's own instants do not go back.
 */
import { linesOf } from "../ledger.ts";
import type { LineOf } from "../ledger.ts";
import { groupBy, groupByInstance, settledIn } from "./evidence.ts";
import type { Evidence, Finding } from "./evidence.ts";

export function checkOrder({ lines, stored }: Evidence): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [instance, observed] of groupByInstance(linesOf(lines, "observed"))) {
    const runs = [...groupBy(observed, ({ run }) => run).values()].toSorted(
      (a, b) => b.length - a.length,
    );
    const [longest = [], ...others] = runs;
    for (const run of others) findings.push(...findDifference(instance, longest, run));
    const history = stored.get(instance)?.history;
    if (!history) continue;
    const settled = settledIn(history.map(({ text }) => text));
    const order = settled.map(({ key }) => key);
    findings.push(...findDisorder(instance, order, longest));
    for (const { key, entry } of settled) {
      if (entry.type !== "race_settled") continue;
      const seen = longest.find(({ step }) => step === key)?.value;
      if (seen === undefined || seen === entry.winner) continue;
      const text = `${key}: won by ${entry.winner} on record, by ${seen} in the code`;
      findings.push({ kind: "unstable_race", instance, text });
    }
  }
  return findings;
}

type Observed = LineOf<"observed">;

/** A shorter run saw what the longest saw, as far as it came. */
function findDifference(
  instance: string,
  longest: readonly Observed[],
  run: readonly Observed[],
): readonly Finding[] {
  const index = run.findIndex(({ step, value }, at) => {
    return longest[at]?.step !== step || longest[at].value !== value;
  });
  const [seen, other] = [run[index], longest[index]];
  if (!seen || !other) return [];
  const isRace = seen.step === other.step && seen.step.startsWith("race:");
  return [
    {
      kind: isRace ? "unstable_race" : "unstable_order",
      instance,
      text: `outcome ${index + 1} was ${seen.step} ${seen.value} in one run and ${other.step} ${other.value} in another`,
    },
  ];
}

/** What the code saw stands in the history in that order. */
function findDisorder(
  instance: string,
  order: readonly string[],
  observed: readonly Observed[],
): readonly Finding[] {
  let last = -1;
  for (const { step } of observed) {
    const at = order.indexOf(step);
    // Not on record: lost, and found to be so elsewhere.
    if (at === -1) continue;
    if (at < last) {
      const text = `${step} was seen after ${order[last]}, which is later on record`;
      return [{ kind: "unstable_order", instance, text }];
    }
    last = at;
  }
  return [];
}

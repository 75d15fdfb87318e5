/** `step.race`: the first branch to settle wins, on record, and the others are cancelled. */
import type { StepKey } from "../../model/step-key.ts";
import type { Run } from "../run.ts";

/** The branches by name, each with the step it stands for. */
export interface RaceCall {
  readonly name: string;
  readonly branches: ReadonlyMap<
    string,
    { readonly key: StepKey; readonly promise: Promise<unknown> }
  >;
}

/** What a race resolves with. */
type RaceOutcome = { readonly winner: string; readonly value: unknown };

export async function askRace(run: Run, call: RaceCall): Promise<RaceOutcome> {
  const asked = run.calls.ask("race", call.name);
  const { key, reference } = asked;
  const promise = run.promiseOf(asked);
  if (!asked.state?.settlement) {
    const branches = new Map([...call.branches].map(([name, branch]) => [branch.key, name]));
    run.enter(asked, () => run.races.begin({ key, reference, branches }));
  }
  const winner = (await promise) as string;
  return { winner, value: await call.branches.get(winner)?.promise };
}

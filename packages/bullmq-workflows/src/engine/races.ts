/**
 * Races: the first branch to settle wins, and the others are cancelled in the same write.
 *
 * Cancelling takes effect here at once and in the history with the write; a write that fails ends the
 * activation, so the two never disagree.
 */
import { encodeEntry } from "../model/history.ts";
import type { StepReference } from "../model/history.ts";
import type { StepKey } from "../model/step-key.ts";
import type { Run } from "./run.ts";

export interface Race {
  readonly key: StepKey;
  readonly reference: StepReference;
  /** The branch names by the step they stand for. */
  readonly branches: ReadonlyMap<StepKey, string>;
}

export class Races {
  readonly #run: Run;
  readonly #open = new Map<StepKey, Race>();
  readonly #lost = new Set<StepKey>();
  /** Steps whose end is staged or written, in that order, for races that begin afterwards. */
  #staged: StepKey[] = [];

  constructor(run: Run) {
    this.#run = run;
  }

  /** Whether the end of any step is staged, and so about to be seen by user code. */
  get hasStaged(): boolean {
    return this.#staged.length > 0;
  }

  hasLost(key: StepKey): boolean {
    return this.#lost.has(key);
  }

  /** Begins a race. A branch that has settled already wins at once: the one that settled first. */
  begin(race: Race): void {
    const winner = this.#firstSettled(race);
    if (winner === undefined) this.#open.set(race.key, race);
    else this.#settle(race, winner);
  }

  onSettled(key: StepKey): void {
    this.#staged.push(key);
    for (const race of this.#open.values()) if (race.branches.has(key)) this.#settle(race, key);
  }

  /** Written outcomes became part of the timeline; others were staged while they were on their way. */
  onWritten(): void {
    if (this.#staged.length === 0) return;
    const { steps } = this.#run.timeline;
    this.#staged = this.#staged.filter((key) => !steps.get(key)?.settlement);
  }

  remove(key: StepKey): void {
    this.#open.delete(key);
  }

  #firstSettled(race: Race): StepKey | undefined {
    const { settled, steps } = this.#run.timeline;
    const isOfRace = (key: StepKey): boolean => race.branches.has(key);
    const isRecorded = [...race.branches.keys()].some((key) => steps.get(key)?.order !== undefined);
    return isRecorded ? settled.find(isOfRace) : this.#staged.find(isOfRace);
  }

  #settle(race: Race, winner: StepKey): void {
    this.#open.delete(race.key);
    const cancelled = [...race.branches.keys()].filter((key) => this.#isUndecided(key, winner));
    for (const key of cancelled) this.#cancel(key);
    const name = race.branches.get(winner);
    this.#run.stage(
      encodeEntry({ type: "race_settled", ...race.reference, winner: name, cancelled }),
    );
  }

  #isUndecided(key: StepKey, winner: StepKey): boolean {
    if (key === winner || this.#staged.includes(key)) return false;
    return !this.#run.timeline.steps.get(key)?.settlement;
  }

  #cancel(key: StepKey): void {
    this.#lost.add(key);
    this.#run.callOff(key, "The step lost a race");
  }
}

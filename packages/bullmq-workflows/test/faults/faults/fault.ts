/** What may go wrong. One file per fault; `index.ts` lists them. */
import type { Crew } from "../crew.ts";
import type { Ledger } from "../ledger.ts";
import type { Setup, SetupName } from "../setups/setup.ts";

/** Where a fault strikes. */
export interface Stage {
  readonly setup: Setup;
  readonly crew: Crew;
  readonly ledger: Ledger;
  /** The hash tag of the workflow's keys. */
  readonly tag: string;
  readonly leaseMs: number;
  /** From 0 to 1, from the seed. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface Fault {
  readonly name: string;
  /** One line for the report. */
  readonly summary: string;
  readonly setups: readonly SetupName[];
  /**
   * Whether nobody can be asked to get on while it lasts. The bounds of recovery count from its end then.
   */
  readonly hinders: boolean;
  /** Begins, lasts and ends. When it resolves, all is as it was before, except what was lost. */
  strike(stage: Stage): Promise<void>;
  /** Why it cannot strike on this machine. */
  absence?(setup: Setup): string | undefined;
}

export const PERSISTENT: readonly SetupName[] = ["always", "everysec", "no"];

/**
 * For how long a worker is silent: until about when others take its instances over, so that it wakes while
 * they run them.
 */
export function silenceMs({ leaseMs, random }: Stage): number {
  return leaseMs * (1 + random() * 0.4);
}

/** A whole number from `least` to `most`. */
export function pick({ random }: Stage, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

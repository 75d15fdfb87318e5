/** What schedules came to, so that one can see that they were no idle ones. */
export interface Statistics {
  schedules: number;
  /** Verbs that reached the store. */
  verbs: number;
  /** Of these, writes under a fence that was not current any more. */
  staleWrites: number;
  /** Passes through `run`, replays included. */
  passes: number;
  /** Attempts of steps that began. */
  attempts: number;
  /** Rollbacks of steps that began. */
  undone: number;
  /** Events that were handed to a wait. */
  delivered: number;
  /** Outputs that the model had foreseen. */
  predicted: number;
  /** Times that an instance lost entries, and that this was made good or flagged. */
  losses: number;
  restored: number;
  flagged: number;
}

export function newStatistics(): Statistics {
  return {
    schedules: 0,
    verbs: 0,
    staleWrites: 0,
    passes: 0,
    attempts: 0,
    undone: 0,
    delivered: 0,
    predicted: 0,
    losses: 0,
    restored: 0,
    flagged: 0,
  };
}

/** Adds `more` to `sum`. */
export function addStatistics(sum: Statistics, more: Statistics): void {
  for (const key of Object.keys(sum) as (keyof Statistics)[]) sum[key] += more[key];
}

/** The writes of an activation, each as what is done with the store and the numbers of the write. */
import type { Batch } from "./journal.ts";
import type {
  ActivationStore,
  CommitOutcome,
  FencedWrite,
  FinishOutcome,
  ReleaseOutcome,
  SettlePauseOutcome,
  SuspendOutcome,
  FinishRollbackRequest,
} from "./ports/activations.ts";
import type { InstanceResult } from "./ports/instances.ts";
import type { Waits } from "./waits.ts";

export type Write<Outcome> = (activations: ActivationStore, write: FencedWrite) => Promise<Outcome>;

const commit: Write<CommitOutcome> = (activations, write) => activations.commit(write);

/** How a batch is committed. */
export function commitOf({ streams }: Batch): Write<CommitOutcome> {
  return streams ? (activations, write) => activations.commit({ ...write, streams }) : commit;
}

export const settlePause: Write<SettlePauseOutcome> = (activations, write) =>
  activations.settlePause(write);

export const release: Write<ReleaseOutcome> = (activations, write) => activations.release(write);

export function finishWith(result: InstanceResult): Write<FinishOutcome> {
  // One by one: to spread the write takes longer, for each instance.
  return (
    activations,
    { instanceId, fence, commit, after, entries, consumed, seenEvent, barrier },
  ) => {
    const numbered = { instanceId, fence, commit, after, entries, consumed, seenEvent, result };
    return activations.finish(
      barrier === undefined ? numbered : Object.assign(numbered, { barrier }),
    );
  };
}

export const startRollback: Write<CommitOutcome> = (activations, write) =>
  activations.startRollback(write);

export function finishRollbackWith({
  result,
  ending,
}: Pick<FinishRollbackRequest, "result" | "ending">): Write<FinishOutcome> {
  const end = { result, ...(ending !== undefined && { ending }) };
  return (activations, write) => activations.finishRollback({ ...write, ...end });
}

/** Until the first of what is waited for. */
export function suspendFor(waits: Waits): Write<SuspendOutcome> {
  const wake = { ...waits.wakeUp(), awaits: waits.awaits() };
  return (activations, write) => activations.suspend({ ...write, ...wake });
}

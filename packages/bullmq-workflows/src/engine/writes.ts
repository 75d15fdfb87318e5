/** The writes of an activation, each as what is done with the store and the numbers of the write. */
import type { Batch } from "./journal.ts";
import type {
  CommitOutcome,
  FencedWrite,
  FinishOutcome,
  ReleaseOutcome,
  SettlePauseOutcome,
  SuspendOutcome,
  SuspendRequest,
  FinishRollbackRequest,
} from "./ports/activations.ts";
import type { InstanceResult } from "./ports/instances.ts";
import type { Store } from "./ports/store.ts";

export type Write<Outcome> = (store: Store, write: FencedWrite) => Promise<Outcome>;

const commit: Write<CommitOutcome> = (store, write) => store.commit(write);

/** How a batch is committed. */
export function commitOf({ streams }: Batch): Write<CommitOutcome> {
  return streams ? (store, write) => store.commit({ ...write, streams }) : commit;
}

export const settlePause: Write<SettlePauseOutcome> = (store, write) => store.settlePause(write);

export const release: Write<ReleaseOutcome> = (store, write) => store.release(write);

export function finishWith(result: InstanceResult): Write<FinishOutcome> {
  // One by one: to spread the write takes longer, for each instance.
  return (store, { instanceId, fence, commit, after, entries, consumed, seenEvent, barrier }) => {
    const numbered = { instanceId, fence, commit, after, entries, consumed, seenEvent, result };
    return store.finish(barrier === undefined ? numbered : Object.assign(numbered, { barrier }));
  };
}

export const startRollback: Write<CommitOutcome> = (store, write) => store.startRollback(write);

export function finishRollbackWith({
  result,
  ending,
}: Pick<FinishRollbackRequest, "result" | "ending">): Write<FinishOutcome> {
  const end = { result, ...(ending !== undefined && { ending }) };
  return (store, write) => store.finishRollback({ ...write, ...end });
}

export function suspendUntil(
  wake: Pick<SuspendRequest, "wakeAt" | "wakeInMs" | "awaits">,
): Write<SuspendOutcome> {
  return (store, write) => store.suspend({ ...write, ...wake });
}

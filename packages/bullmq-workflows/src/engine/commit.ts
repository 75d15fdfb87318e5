import type { StreamReference } from "../model/history.ts";
import type { Batch } from "./journal.ts";
import type { CommitOutcome, FencedWrite, Store } from "./ports.ts";

type Commit = (store: Store, write: FencedWrite) => Promise<CommitOutcome>;

/** How a batch is committed. */
export function commitOf({ streams }: Batch): Commit {
  return streams ? commitStreams(streams) : commit;
}

function commitStreams(streams: readonly StreamReference[]): Commit {
  return async (store, write) => await store.commit({ ...write, streams });
}

/** The most frequent write by far. */
function commit(store: Store, write: FencedWrite): Promise<CommitOutcome> {
  return store.commit(write);
}

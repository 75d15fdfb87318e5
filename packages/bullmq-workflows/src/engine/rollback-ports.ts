/** The part of the store that rolls instances back. See ports.ts. */
import type { Payload } from "../model/payload.ts";
import type { CommandOutcome, CommitOutcome, FencedWrite, FinishOutcome } from "./ports.ts";

export interface FinishRollbackRequest extends FencedWrite {
  readonly result:
    | { readonly status: "errored"; readonly error: Payload }
    | { readonly status: "terminated" };
  /** The entry that says how the rollback ended. Absent when there was nothing to roll back. */
  readonly ending?: string;
}

export interface RollbackStore {
  /** Commits, and from then on the instance rolls back; a pause that was asked for is not to be any more. */
  startRollback(write: FencedWrite): Promise<CommitOutcome>;
  /** As `finish`, for one that rolled back. */
  finishRollback(write: FinishRollbackRequest): Promise<FinishOutcome>;
  /**
   * Terminates an instance once its steps were rolled back: at once if it never ran and has
   * no steps that a restart has kept, else it is runnable
   * for that. No effect on one that rolls back already.
   */
  rollBack(instanceId: string): Promise<CommandOutcome>;
}

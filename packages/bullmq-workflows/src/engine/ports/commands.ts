/** The part of the store that takes what is asked of an instance from outside. See store.ts. */
import type { Payload } from "../../model/payload.ts";
import type { KeptHistory } from "../../model/restart-point.ts";
import type { InstanceStatus } from "../../model/status.ts";
import type { ActivationRequest } from "./dispatcher.ts";
import type { StoredEntry } from "./history.ts";

export interface IncomingEvent {
  readonly type: string;
  readonly payload?: Payload;
}

/**
 * By what a command is known that a job gives, which goes through instances in the order of their creation: an
 * instance gets it once, in whichever turns it is given, and not at all when a later turn has begun. What was
 * done already is answered with `done`.
 */
export interface OnceMark {
  readonly job: string;
  /** Grows from one turn of the job to the next. */
  readonly turn: number;
}

/** The answer to a command from outside. `requests` is empty when it changed nothing. */
export type CommandOutcome =
  | { readonly type: "done"; readonly requests: readonly ActivationRequest[] }
  /** The transition table does not allow it. */
  | { readonly type: "refused"; readonly status: InstanceStatus }
  | { readonly type: "missing" };

/** Starts an instance over with a part of its history. */
export interface RestartRequest extends KeptHistory {
  readonly instanceId: string;
  /** The history as the caller has read it: how many entries, and the last of them. */
  readonly length: number;
  readonly last: StoredEntry;
}

/** `changed`: the history is not the one that was read any more. Nothing was written. */
export type RestartOutcome = CommandOutcome | { readonly type: "changed" };

export interface CommandStore {
  sendEvent(instanceId: string, event: IncomingEvent, once?: OnceMark): Promise<CommandOutcome>;
  pause(instanceId: string): Promise<CommandOutcome>;
  resume(instanceId: string): Promise<CommandOutcome>;
  /** No effect on an instance that rolls back: it ends when that is done. */
  terminate(instanceId: string): Promise<CommandOutcome>;
  /**
   * Terminates an instance once its steps were rolled back: at once if it never ran and has no steps that
   * a restart has kept, else it is runnable for that. No effect on one that rolls back already.
   */
  rollBack(instanceId: string): Promise<CommandOutcome>;
  restart(instanceId: string, once?: OnceMark): Promise<CommandOutcome>;
  restartFrom(request: RestartRequest): Promise<RestartOutcome>;
  delete(instanceId: string): Promise<CommandOutcome>;
}

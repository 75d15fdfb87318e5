/** What commands to an instance come with. See ports.ts. */
import type { Payload } from "../model/payload.ts";

export interface IncomingEvent {
  readonly type: string;
  readonly payload?: Payload;
}

/**
 * By what a command is known that a job gives: in one turn an instance gets it once, however often it is
 * given, and not at all when a later turn has begun. What was done already is answered with `done`.
 */
export interface OnceMark {
  readonly job: string;
  /** Grows from one turn of the job to the next. */
  readonly turn: number;
}

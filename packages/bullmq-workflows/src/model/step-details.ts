/** A step as people look at it. */
import type { NamedMessage } from "./error-folding.ts";
import type { StreamReference } from "./history.ts";
import type { ResolvedStepConfig } from "./step-config.ts";
import type { StepPath } from "./step-key.ts";

/** Instants are epoch milliseconds. What has not ended has no `end`. */
export interface AttemptDetails {
  readonly start: number;
  end?: number;
  error?: NamedMessage;
}

export interface AnyStep {
  /** `<name>-<count>` */
  readonly name: string;
  /** The step in whose callback it was called. */
  readonly in: StepPath | undefined;
  readonly start: number;
  end?: number;
  error?: NamedMessage;
}

export interface DoDetails extends AnyStep {
  /** `rollback`: what undoes the step of that name. */
  readonly type: "step" | "rollback";
  config: ResolvedStepConfig;
  /** When the next attempt is due, while it is waited for. */
  retryAt?: number;
  /** Present when it has completed; what observers may see of it. */
  output?: { readonly value: unknown };
  /** Where the bytes of that output are, if it is a stream that observers may read. */
  stream?: StreamReference;
  readonly attempts: AttemptDetails[];
}

export interface SleepDetails extends AnyStep {
  readonly type: "sleep";
  /** When it is due to end, pauses so far included. */
  wakeAt: number;
}

export interface WaitDetails extends AnyStep {
  readonly type: "waitForEvent";
  readonly eventType: string;
  /** When it gives up, pauses so far included; absent if the event was there already. */
  timeoutAt?: number;
  event?: { readonly type: string; readonly timestamp: Date; readonly payload?: unknown };
}

export type StepDetails = DoDetails | SleepDetails | WaitDetails;

/**
 * What an activation is given: the ports, a claim, and whom it tells what becomes of it. The parts are one
 * object for all activations of a host: to copy it for each would be felt.
 */
import type { Activation } from "./activation.ts";
import type { WorkflowDefinition } from "./definition.ts";
import type { Claim } from "./ports/activations.ts";
import type { Clock } from "./ports/clock.ts";
import type { ActivationRequest } from "./ports/dispatcher.ts";
import type { Store } from "./ports/store.ts";
import type { Telemetry } from "./ports/telemetry.ts";

/** A claim as its worker has it. */
export interface HeldClaim extends Claim {
  /** When the lease ends, unless it is renewed, by the worker's own clock. */
  readonly leaseEndsAt: number;
}

export interface ActivationParts {
  readonly definition: WorkflowDefinition;
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Instances became runnable through a write of this activation. */
  readonly onRequests: (requests: readonly ActivationRequest[]) => void;
  /** The code went on by itself while parked and needs a claim to do so. */
  readonly onReclaim: (activation: Activation) => void;
  /** The write that ends the instance is on its way: no code of it runs any more. */
  readonly onEnding: (activation: Activation) => void;
  /** The claim ended. */
  readonly onLetGo: (activation: Activation) => void;
  /** The store says that the claim is gone; or, which this may be a sign of, it has gone back in time. */
  readonly onStale: (activation: Activation) => void;
  /** Writes wait for it, if there is one: what the store has lost is put back first. */
  readonly compared: () => Promise<void> | undefined;
  /** Work that may go on after `run` has returned. */
  readonly waitUntil: (promise: Promise<unknown>, activation: Activation) => void;
}

/**
 * A {@link Store} holds the instances of one workflow. It has a part for everyone who asks something of it:
 * who needs one part is given that part, and not the rest.
 *
 * The verbs of all parts are whole, atomic transitions: each either happens with everything that belongs to
 * it (status, indices, wake-ups, slot) or not at all. Expected refusals are values; only the unexpected
 * throws. Verbs that carry a fence change nothing when it is no longer the current one (I2), and may be
 * repeated: a repeat with the same `commit` number answers as the first did and writes nothing.
 *
 * All instants are epoch milliseconds of the store's own clock, which alone decides what is due.
 * Verbs that make instances runnable answer with the {@link ActivationRequest}s to dispatch; when
 * the caller dies before it does, {@link SweepStore.redispatch} finds them again (I3).
 */
import type { ActivationStore } from "./activations.ts";
import type { CommandStore } from "./commands.ts";
import type { ActivationRequest } from "./dispatcher.ts";
import type { InsightStore } from "./insights.ts";
import type { InstanceStore } from "./instances.ts";
import type { NoticeStore } from "./notices.ts";
import type { ScheduleStore } from "./schedules.ts";
import type { StreamStore } from "./streams.ts";
import type { SweepStore } from "./sweeps.ts";

export interface StoreParts {
  readonly instances: InstanceStore;
  readonly activations: ActivationStore;
  readonly commands: CommandStore;
  readonly sweeps: SweepStore;
  readonly streams: StreamStore;
  readonly schedules: ScheduleStore;
  readonly insights: InsightStore;
  readonly notices: NoticeStore;
}

export interface Store extends StoreParts {
  /** Applies settings that all workers share. Raising the limit admits instances that were held back. */
  configure(settings: { readonly concurrencyLimit: number }): Promise<readonly ActivationRequest[]>;
  close(): Promise<void>;
}

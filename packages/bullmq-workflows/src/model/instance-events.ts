/**
 * The instance events: what happened to an instance, in Cloudflare's words, read out of its history.
 *
 * They are a pure fold over what is stored. The same history gives the same events with the same ids, to
 * whoever asks and whenever, so an id is a place to go on from. A longer history only adds to the end. What
 * does not follow from the record with certainty is not told: that an instance was woken, for instance, is
 * told with the first entry that a worker wrote after it.
 *
 * A history that was cut short, by a restart or a loss, goes on with ids that it cannot have given before.
 */
import type {
  WorkflowInstanceEvent,
  WorkflowInstanceEventStepConfig,
  WorkflowInstanceEventType,
} from "./instance-event-types.ts";
import type { PayloadJson } from "./history.ts";
import { observeValues } from "./observed-values.ts";
import type { ObservedValues } from "./observed-values.ts";
import type { Payload } from "./payload.ts";
import { StepEvents } from "./step-events.ts";
import type { WorkflowStepSensitivity } from "./step-config.ts";
import type { StepKey, StepPath } from "./step-key.ts";

/** No entry gives more events. Stores reckon with it when they cut a history short. */
export const IDS_PER_ENTRY = 32;

/** A part of a history, and what is known of the instance beside it. */
export interface HistoryPart {
  readonly createdAt: number;
  /** When it was first claimed, and how many entries there were before. */
  readonly startedAt?: number;
  readonly startedAfter: number;
  /** May be left out of parts without the entry after which it started. */
  readonly params?: Payload;
  readonly entries: readonly { readonly at: number; readonly text: string }[];
  /** The output or error, with the part that has the last entry. */
  readonly result?: Payload;
}

/** An entry of any type. A type or field that is not known here is of no concern. */
export interface Entry {
  readonly type: string;
  readonly at: number;
  readonly step?: string;
  readonly in?: StepPath;
  readonly attempt?: number;
  readonly config?: Partial<WorkflowInstanceEventStepConfig>;
  readonly output?: PayloadJson;
  readonly sensitive?: WorkflowStepSensitivity;
  readonly error?: PayloadJson;
  readonly retryDelayMs?: number;
  readonly durationMs?: number;
  readonly until?: number;
  readonly eventType?: string;
  readonly cancelled?: readonly StepKey[];
  /** With this entry the instance became `waiting`. */
  readonly waiting?: true;
  /** Every id up to this one may be taken. */
  readonly lastId?: number;
  /** How many entries there were. */
  readonly known?: number;
}

/** Facts are made only for who wants the event. Those that are `undefined` are left out. */
export type Emit = (type: WorkflowInstanceEventType, facts?: () => object) => void;

/** Whether anybody wants the event: others are counted, and no more. */
export type Wants = (eventId: number, type: WorkflowInstanceEventType) => boolean;

type Phase = "queued" | "running" | "waiting" | "pausing" | "paused" | "over";

/** What came from outside and says nothing of whether a worker runs the instance. */
const FROM_OUTSIDE = new Set([
  "workflow_paused",
  "workflow_resumed",
  "workflow_restarted",
  "workflow_terminated",
  "history_cut",
  "history_lost",
  "rollback_requested",
]);

export class InstanceEvents {
  readonly #instanceId: string;
  readonly #wants: Wants;
  readonly #values: ObservedValues;
  readonly #steps: StepEvents;
  /** The part that is being folded. It is not kept: values in it may be large. */
  #part: HistoryPart | undefined;
  #isBegun = false;
  #at = 0;
  #told: WorkflowInstanceEvent[] = [];
  #entries = 0;
  #lastId = 0;
  /** Ids up to this one may have been given before the history was cut short. */
  #pastIds = 0;
  #phase: Phase = "queued";
  #isStarted = false;

  /**
   * @param wants which events to make. @defaultValue all
   * @param values what to show of what is on record. @defaultValue as it is
   */
  constructor(
    instanceId: string,
    wants: Wants = () => true,
    values: ObservedValues = observeValues(),
  ) {
    this.#instanceId = instanceId;
    this.#wants = wants;
    this.#values = values;
    this.#steps = new StepEvents(values, (type, facts) => this.#emit(type, facts));
  }

  /** How many entries were folded: the next part has to begin after them. */
  get entries(): number {
    return this.#entries;
  }

  /** The id of the last event, wanted or not. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Whether the instance has ended: nothing follows but a restart. */
  get isOver(): boolean {
    return this.#phase === "over";
  }

  /** The events that the next part of the history adds. */
  advance(part: HistoryPart): readonly WorkflowInstanceEvent[] {
    if (!this.#isBegun) this.#emitAt(part.createdAt, "workflow_queued");
    this.#isBegun = true;
    this.#part = part;
    for (const { at, text } of part.entries) {
      this.#startIfDue();
      this.#at = at;
      this.#apply({ ...(JSON.parse(text) as Omit<Entry, "at">), at });
      this.#entries += 1;
    }
    this.#startIfDue();
    this.#part = undefined;
    const told = this.#told;
    this.#told = [];
    return told;
  }

  #apply(entry: Entry): void {
    if (!FROM_OUTSIDE.has(entry.type)) this.#ensureRunning();
    if (entry.step === undefined) this.#applyToInstance(entry);
    else this.#steps.apply(entry);
    if (entry.waiting) this.#enter("waiting", "workflow_waiting");
  }

  #applyToInstance(entry: Entry): void {
    switch (entry.type) {
      case "workflow_waiting":
        return this.#enter("waiting", "workflow_waiting");
      case "workflow_waiting_for_pause":
        return this.#enter("pausing", "workflow_waiting_for_pause");
      case "workflow_running":
        return this.#phase === "pausing" ? this.#enter("running", "workflow_running") : undefined;
      case "workflow_paused":
        return this.#enter("paused", "workflow_paused");
      case "workflow_resumed":
        return this.#enter("queued", "workflow_queued");
      case "workflow_restarted":
        this.#skipTo(entry.lastId ?? 0);
        this.#isStarted = false;
        return this.#enter("queued", "workflow_queued");
      case "history_cut":
        return this.#skipTo(entry.lastId ?? 0);
      case "history_lost":
        return this.#skipTo(this.#pastIds + IDS_PER_ENTRY * ((entry.known ?? 0) + 1));
      case "workflow_completed": {
        const { result } = this.#part ?? {};
        const output = (): object => ({ output: result && this.#values.ofPayload(result) });
        return this.#enter("over", "workflow_completed", output);
      }
      case "workflow_errored": {
        const { result = "null" } = this.#part ?? {};
        const error = (): object => ({ error: this.#values.ofError(JSON.parse(result)) });
        return this.#enter("over", "workflow_errored", error);
      }
      case "workflow_terminated":
        return this.#enter("over", "workflow_terminated");
      case "rollback_started":
      case "rollback_completed":
      case "rollback_errored":
        return this.#emit(entry.type);
    }
  }

  /** A worker wrote: so it has started, and runs. */
  #ensureRunning(): void {
    if (!this.#isStarted) return this.#start(this.#at);
    if (this.#phase === "running" || this.#phase === "pausing") return;
    this.#enter("running", "workflow_running");
  }

  #startIfDue(): void {
    const { startedAt, startedAfter = 0 } = this.#part ?? {};
    if (this.#isStarted || startedAt === undefined || this.#entries !== startedAfter) return;
    this.#start(startedAt);
  }

  #start(at: number): void {
    this.#isStarted = true;
    const { params, startedAfter = 0 } = this.#part ?? {};
    // Later parts may have them or not, and whoever reads in other parts has to be told the same.
    const known = this.#entries <= startedAfter ? params : undefined;
    this.#emitAt(at, "workflow_started", () => ({
      params: known && this.#values.ofPayload(known),
    }));
    this.#phase = "running";
    this.#emitAt(at, "workflow_running");
  }

  #enter(phase: Phase, type: WorkflowInstanceEventType, facts?: () => object): void {
    this.#phase = phase;
    this.#emit(type, facts);
  }

  #skipTo(id: number): void {
    this.#pastIds = id;
    this.#lastId = Math.max(this.#lastId, id);
  }

  #emitAt(at: number, type: WorkflowInstanceEventType, facts?: () => object): void {
    this.#at = at;
    this.#emit(type, facts);
  }

  #emit(type: WorkflowInstanceEventType, facts?: () => object): void {
    const eventId = ++this.#lastId;
    if (!this.#wants(eventId, type)) return;
    const event = { instanceId: this.#instanceId, eventId, timestamp: this.#at, type };
    const known = Object.entries(facts?.() ?? {}).filter(([, value]) => value !== undefined);
    this.#told.push({ ...event, ...Object.fromEntries(known) } as WorkflowInstanceEvent);
  }
}
